//! DKIM, ARC, SPF and DMARC of a received mail; signing ours.
