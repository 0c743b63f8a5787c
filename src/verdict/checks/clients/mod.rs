//! What mail clients use: the ports of IMAP, POP3 and submission.

pub mod ports;
