//! Asking name servers one by one, for what each says by itself.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;
use tokio::time::timeout;

use super::exchange::{code, local, over_tcp, over_udp, route, to_authority};
use crate::shared::dial::AddressRules;
use crate::shared::dns::lookup::{Direct, Over};
use crate::shared::dns::question::Question;
use crate::shared::dns::records::answering;

/// How long an answer of a single name server may be over TCP, in octets.
const DIRECT_OCTETS_MAX: usize = 16 * 1024;

/// Name servers, asked one by one.
pub(in crate::shared::dns) struct NameServers {
    /// Which of them may be asked.
    pub(in crate::shared::dns) rules: AddressRules,
    pub(in crate::shared::dns) port: u16,
    /// Asked from the first of these that is of the server's family.
    pub(in crate::shared::dns) from: Vec<IpAddr>,
    /// How long one of them may take.
    pub(in crate::shared::dns) timeout: Duration,
}

impl NameServers {
    /// Asks one server, as another server would, and gives the records of an answer with authority.
    pub(in crate::shared::dns) async fn ask(
        &self,
        server: IpAddr,
        over: Over,
        question: &Question,
    ) -> Direct {
        if let Err(special) = self.rules.check(server) {
            return Direct::Forbidden(format!("{server} is {special}"));
        }
        match self.message(server, over, question).await {
            Ok(answer) => direct(&answer, question),
            Err(silent) => Direct::Silent(silent),
        }
    }

    /// What one server answers, unread. The error says why there is no answer.
    pub(super) async fn message(
        &self,
        server: IpAddr,
        over: Over,
        question: &Question,
    ) -> Result<Vec<u8>, String> {
        self.rules.check(server).map_err(|special| format!("{server} is {special}"))?;
        route(server).map_err(|error| error.to_string())?;
        let server = SocketAddr::new(server, self.port);
        let mut answer = self.exchange(server, over, question, true).await;
        // RFC 6891 §7.
        let refuses =
            |octets: &Vec<u8>| matches!(code(octets), Some(ResponseCode::FormErr | ResponseCode::NotImp));
        if answer.as_ref().is_ok_and(refuses) {
            answer = self.exchange(server, over, question, false).await;
        }
        answer.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => "no answer in time".to_owned(),
            _ => error.to_string(),
        })
    }

    async fn exchange(
        &self,
        server: SocketAddr,
        over: Over,
        question: &Question,
        edns: bool,
    ) -> io::Result<Vec<u8>> {
        let mut query = to_authority(question, edns);
        // Signatures are not looked at here.
        if let Some(edns) = &mut query.edns {
            edns.set_dnssec_ok(false);
        }
        let octets = query.to_vec().map_err(io::Error::other)?;
        let local = local(&self.from, server);
        match over {
            // A datagram may be lost, so that it is sent a second time.
            Over::Udp => over_udp(local, server, &query, &octets, &[self.timeout / 2; 2]).await,
            Over::Tcp => {
                let streamed = over_tcp(local, server, &query, &octets, DIRECT_OCTETS_MAX);
                timeout(self.timeout, streamed).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl Direct {
    /// Reads the octets of an answer to the question for `rtype` of `name`. Whether they are an answer to it at all is
    /// known by whoever received them.
    pub fn read(octets: &[u8], name: &str, rtype: RecordType) -> Self {
        match Question::whole(name, rtype) {
            Ok(question) => direct(octets, &question),
            Err(error) => Self::Forbidden(error.to_string()),
        }
    }
}

pub(in crate::shared::dns) fn direct(octets: &[u8], question: &Question) -> Direct {
    let Ok(answer) = Message::from_vec(octets) else {
        return Direct::Other("its answer cannot be read".to_owned());
    };
    match answer.metadata.response_code {
        _ if answer.metadata.truncation => Direct::Cut,
        ResponseCode::NoError | ResponseCode::NXDomain if !answer.metadata.authoritative => {
            Direct::Other("it is not authoritative".to_owned())
        }
        ResponseCode::NoError | ResponseCode::NXDomain => Direct::Records(answering(answer, question)),
        code => Direct::Other(code.to_string()),
    }
}
