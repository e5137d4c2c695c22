//! Numbers that are too small.

use crate::program::config::document::{ConfigError, Document};

/// The least that a number may be. Whatever is not listed may be zero.
const LEAST: [(&str, i64); 82] = [
    ("pace.rotation_s", 1),
    ("trials.open_trials_max", 1),
    ("trials.open_trials_per_source_max", 1),
    ("trials.open_trials_per_network_max", 1),
    ("trials.open_trials_per_domain_max", 1),
    ("trials.trial_links_max", 1),
    ("trials.trial_questions_max", 1),
    ("trials.trial_fetches_max", 1),
    ("trials.links_max", 1),
    ("trials.questions_max", 1),
    ("trials.fetches_max", 1),
    ("pace.no_sni_refusals", 1),
    ("pace.attempt_gap_s", 1),
    ("zone.validity_s", 2),
    ("zone.refresh_s", 1),
    ("dns.tcp_connections_max", 1),
    ("dns.tcp_connections_per_address_max", 1),
    ("dns.tcp_connections_per_network_max", 1),
    ("dns.udp_queue_octets_max", 65_536),
    ("dns.tcp_idle_s", 1),
    ("dns.tcp_queries_max", 1),
    ("dns.rate.burst", 1),
    ("dns.rate.buckets_max", 1),
    ("tls.valid_days", 1),
    // RFC 5321 §4.5.3.1.4 and §4.5.3.1.6 to §4.5.3.1.8.
    ("smtp.command_line_octets_max", 512),
    ("smtp.text_line_octets_max", 1000),
    ("smtp.header_octets_max", 65_536),
    // RFC 5321 §6.3.
    ("smtp.hops_max", 100),
    ("smtp.message_octets_max", 65_536),
    ("smtp.messages_octets_max", 65_536),
    ("smtp.messages_per_network_octets_max", 65_536),
    ("smtp.recipients_max", 100),
    ("smtp.commands_max", 10),
    ("smtp.bad_commands_max", 1),
    ("smtp.facts_max", 16),
    ("smtp.command_s", 1),
    ("smtp.handshake_s", 1),
    ("smtp.session_s", 1),
    ("smtp.answer_s", 1),
    ("smtp.links_per_address_max", 1),
    ("smtp.links_per_network_max", 1),
    ("smtp.links_max", 1),
    ("journal.queue_facts", 1),
    ("journal.group_facts", 1),
    ("journal.queries_days", 1),
    ("journal.retention_days", 1),
    ("journal.size_mib", 1),
    ("journal.day_mib", 1),
    ("mailauth.timeout_s", 1),
    ("mailauth.signatures", 1),
    ("resolver.query_timeout_ms", 1),
    ("resolver.attempts_max", 1),
    ("resolver.lookup_timeout_s", 1),
    ("dial.smtp_port", 1),
    ("dial.https_port", 1),
    ("dial.connect_timeout_s", 1),
    ("web.connections_max", 1),
    ("web.connections_per_address_max", 1),
    ("web.connections_per_network_max", 1),
    ("web.requests_max", 1),
    ("web.head_octets_max", 8192),
    ("web.head_timeout_s", 1),
    ("web.connection_timeout_s", 1),
    ("site.retention_days", 1),
    ("reply.smarthost.port", 1),
    ("reply.retry_first_s", 1),
    ("reply.hand_over_timeout_s", 1),
    ("reply.hand_overs_max", 1),
    ("scan.scan_s", 1),
    ("scan.scans_at_once_max", 1),
    ("scan.groups_at_once_max", 1),
    ("scan.greeting_s", 1),
    ("scan.limited_per_minute_max", 1),
    ("scan.networks.timeout_s", 1),
    ("scan.networks.all_s", 1),
    ("scan.world.dns_port", 1),
    ("scan.world.smtp_port", 1),
    ("scan.world.https_port", 1),
    ("scan.world.connect_timeout_s", 1),
    ("scan.per_address_day_max", 1),
    ("scan.per_network_day_max", 1),
    ("self_check.every_s", 1),
];

/// Whether all numbers are large enough.
pub(super) fn numbers(document: &Document<'_>) -> Result<(), ConfigError> {
    for (key, least) in LEAST {
        if let Some(number) = document.integer(key).filter(|number| *number < least) {
            let problem = format!("{number} is too small; write {least} or more");
            return Err(document.fault(key, problem));
        }
    }
    Ok(())
}
