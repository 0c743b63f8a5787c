//! Webmail, as far as checks look at it.

use std::borrow::Cow;

/// How the webmail of a domain is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webmail {
    /// Whether who comes in the clear is led to HTTPS.
    pub http: Port,
    /// Whether who comes by HTTPS is told to stay there.
    pub https: Port,
}

/// What a port comes to, all attempts together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// It answers as it should; the word becomes the reason of a pass.
    Sound(&'static str),
    /// It answers otherwise, and how.
    Unsound(Cow<'static, str>),
    /// It takes no connection, or there is no address.
    Closed,
    /// That could not be measured, and why.
    Open(Cow<'static, str>),
}
