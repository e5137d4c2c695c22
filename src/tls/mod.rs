//! Keys, certificates, the TLSA records that follow from them, and handshakes as either side sees them.
