//! Numbers of alerts that say something of their own (RFC 8446 6, RFC 6066 3).

/// handshake_failure: nothing in common, and for old servers any extension.
pub const HANDSHAKE_FAILURE: u8 = 40;
/// protocol_version: no version in common.
pub const PROTOCOL_VERSION: u8 = 70;
/// internal_error: the server has trouble of its own.
pub const INTERNAL_ERROR: u8 = 80;
/// unrecognized_name: the server wants no server name, or another one.
pub const UNRECOGNIZED_NAME: u8 = 112;
