//! How deep a JSON text is and how much it holds, before anything is made of it.

use super::TlsReportError;

/// How deep a report may be nested; one of the standard has five levels.
pub(super) const DEPTH_MAX: usize = 16;

/// How many values a report may hold, names of members included.
pub(super) const VALUES_MAX: usize = 50_000;

/// Counts brackets and what separates values, outside of strings. What is no JSON is the parser's to find.
pub(super) fn measure(text: &[u8]) -> Result<(), TlsReportError> {
    let (mut depth, mut values) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for octet in text {
        if in_string {
            match octet {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match octet {
            b'"' => in_string = true,
            b'{' | b'[' => (depth, values) = (depth + 1, values + 1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' | b':' => values += 1,
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(TlsReportError::TooDeep);
        }
        if values > VALUES_MAX {
            return Err(TlsReportError::TooMany);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_number_have_a_limit_and_strings_count_for_nothing() {
        let deep = |levels: usize| "[".repeat(levels);
        assert_eq!(measure(deep(DEPTH_MAX).as_bytes()), Ok(()));
        assert_eq!(measure(deep(DEPTH_MAX + 1).as_bytes()), Err(TlsReportError::TooDeep));
        assert_eq!(measure("0,".repeat(VALUES_MAX).as_bytes()), Ok(()));
        assert_eq!(measure("0,".repeat(VALUES_MAX + 1).as_bytes()), Err(TlsReportError::TooMany));
        let quoted = format!("\"\\\"{}\"", deep(1000));
        assert_eq!(measure(quoted.as_bytes()), Ok(()));
    }
}
