pub mod certificate;
pub mod error;
pub mod order;
pub mod table;
pub mod text;
