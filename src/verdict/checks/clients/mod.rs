//! What mail clients use: the ports of IMAP, POP3 and submission, and webmail.

pub mod ports;
pub mod webmail;
