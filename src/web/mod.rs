//! Status page, result pages, the MTA-STS policy host.
