//! TLS reports that come by mail (RFC 8460 §5.3). They are the operator's mail and start no trial.

use crate::sending::history::{Enclosed, MessageFacts, ReportCame, ReportReceived, read_file_name};
use crate::sending::listener::Transaction;
use crate::sending::web::ReportReader;
use crate::shared::evidence::Result8601;
use crate::shared::mailauth::{Fields, MailPart, parts};
use crate::shared::policy::tls_report::{Defect, DefectKind};

/// The longest mail that is read as a report, in octets; a longer one is the operator's.
const REPORT_MAIL_OCTETS_MAX: usize = 2_097_152;
/// How many domains are kept that signed a report.
const SIGNERS_MAX: usize = 4;

/// The media types of reports, and whether each says that it is packed.
const MEDIA_TYPES: [(&str, bool); 2] =
    [("application/tlsrpt+gzip", true), ("application/tlsrpt+json", false)];

/// What is noted of a mail whose report was found; none where it is about none of our names.
pub(super) async fn read(
    reader: &ReportReader,
    mut enclosed: Enclosed,
    transaction: &Transaction,
    facts: &MessageFacts,
) -> Option<ReportReceived> {
    let mut signed_by: Vec<String> = Vec::new();
    // A reason beside a pass is `l=`: anybody may have written what follows.
    for signature in &facts.authentication.dkim {
        let passes = signature.result == Result8601::Pass && signature.reason.is_none();
        if passes && signed_by.len() < SIGNERS_MAX && !signed_by.contains(&signature.domain) {
            signed_by.push(signature.domain.clone());
        }
    }
    let source = transaction.contact.source.ip().to_canonical();
    let came = ReportCame::Mail { source, from_domain: facts.from_domain.clone(), signed_by };
    if came.vouched_by().is_none() {
        enclosed.defects.push(Defect::new(DefectKind::NotSigned, "DKIM-Signature"));
    }
    let reading = reader.read(enclosed).await?;
    reading.is_about_us().then_some(ReportReceived { came, reading })
}

/// The report in a mail; none if it holds nothing that looks like one.
pub fn enclosed(message: &[u8]) -> Option<Enclosed> {
    if message.len() > REPORT_MAIL_OCTETS_MAX {
        return None;
    }
    let fields = Fields::read(message);
    let claims = ["tls-report-domain", "tls-report-submitter"].map(|name| fields.all(name).next().is_some());
    let is_report_mail = fields.all("content-type").any(is_tls_report);
    let parts = parts(message);
    let typed = parts.iter().find_map(|part| {
        let kind = MEDIA_TYPES.iter().find(|(media_type, _)| *media_type == part.media_type)?;
        Some((part, Some(kind.1)))
    });
    let is_one = is_report_mail || claims != [false; 2];
    let (part, said_packed) = typed.or_else(|| Some((otherwise_typed(&parts, is_one)?, None)))?;
    let mut defects = Vec::new();
    let mut note = |is: bool, kind, field: &str| {
        if is {
            defects.push(Defect::new(kind, field));
        }
    };
    let (is_named, domain_by_name) = read_file_name(part.file_name.as_deref().unwrap_or_default());
    note(!is_report_mail, DefectKind::NotMultipartReport, "Content-Type");
    note(said_packed.is_none(), DefectKind::MediaType, "Content-Type");
    note(!is_named, DefectKind::FileName, "filename");
    note(!claims[0], DefectKind::NoReportField, "TLS-Report-Domain");
    note(!claims[1], DefectKind::NoReportField, "TLS-Report-Submitter");
    let domain = fields.only("tls-report-domain").map(|domain| domain.trim_end_matches('.').to_lowercase());
    let domain = domain.filter(|domain| !domain.is_empty() && domain.len() <= 253).or(domain_by_name);
    Some(Enclosed { content: part.content.clone(), said_packed, domain, defects })
}

/// `multipart/report` of the type `tlsrpt`.
fn is_tls_report(content_type: &str) -> bool {
    let mut parameters = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    parameters.next().as_deref() == Some("multipart/report")
        && parameters.any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.trim() == "report-type" && value.trim().trim_matches('"') == "tlsrpt"
            })
        })
}

/// A report of another media type: told by its own kind of `tlsrpt`, else by the name of its file, else where the mail says
/// that it is a report by what it holds.
fn otherwise_typed(parts: &[MailPart], is_one: bool) -> Option<&MailPart> {
    let is_packed_or_json = |part: &&MailPart| {
        part.content.starts_with(&[0x1f, 0x8b]) || part.content.trim_ascii_start().starts_with(b"{")
    };
    let by_type = parts.iter().find(|part| part.media_type.starts_with("application/tlsrpt"));
    let by_name =
        || parts.iter().find(|part| part.file_name.as_deref().is_some_and(|name| read_file_name(name).0));
    by_type.or_else(by_name).or_else(|| parts.iter().filter(|_| is_one).find(is_packed_or_json))
}
