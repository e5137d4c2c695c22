//! Unpacking, without ever holding more than a report may have.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::TlsReportError;

/// The longest report that is read, in octets.
pub const UNPACKED_OCTETS_MAX: usize = 1_048_576;

/// How many times its size a packed report may have when unpacked. A report packs to a tenth as a rule.
pub const RATIO_MAX: usize = 200;

/// Up to so many octets the ratio means nothing.
const SMALL_OCTETS_MAX: usize = 65_536;

/// The report in what came, unpacked if it is packed (RFC 1952), and whether it was: reporters name one and send the other.
///
/// # Errors
///
/// If it is too large, unpacks to too much, or breaks off.
pub fn unpacked(content: &[u8]) -> Result<(Vec<u8>, bool), TlsReportError> {
    if !content.starts_with(&[0x1f, 0x8b]) {
        let fits = content.len() <= UNPACKED_OCTETS_MAX;
        return if fits { Ok((content.to_vec(), false)) } else { Err(TlsReportError::TooLarge) };
    }
    let ratio_max = content.len().saturating_mul(RATIO_MAX).max(SMALL_OCTETS_MAX);
    let octets_max = ratio_max.min(UNPACKED_OCTETS_MAX);
    let mut text = Vec::new();
    let mut limited = MultiGzDecoder::new(content).take(octets_max as u64 + 1);
    let read = limited.read_to_end(&mut text);
    if text.len() > octets_max {
        return Err(if octets_max < UNPACKED_OCTETS_MAX {
            TlsReportError::Ratio
        } else {
            TlsReportError::TooLarge
        });
    }
    read.map(|_| (text, true)).map_err(|_| TlsReportError::Gzip)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(octets: usize) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        let zeroes = vec![b' '; 65_536];
        for begin in (0..octets).step_by(zeroes.len()) {
            packer.write_all(&zeroes[..zeroes.len().min(octets - begin)]).expect("memory");
        }
        packer.finish().expect("memory")
    }

    #[test]
    fn a_bomb_costs_no_more_than_a_report() {
        assert_eq!(unpacked(&packed(SMALL_OCTETS_MAX)).map(|(text, _)| text.len()), Ok(SMALL_OCTETS_MAX));
        assert_eq!(unpacked(&packed(500_000)), Err(TlsReportError::Ratio));
        assert_eq!(unpacked(&packed(1 << 28)), Err(TlsReportError::TooLarge));
        assert_eq!(unpacked(&vec![b' '; UNPACKED_OCTETS_MAX + 1]), Err(TlsReportError::TooLarge));
        let whole = packed(1000);
        assert_eq!(unpacked(&whole[..whole.len() / 2]), Err(TlsReportError::Gzip));
        assert_eq!(unpacked(b"{}"), Ok((b"{}".to_vec(), false)));
    }
}
