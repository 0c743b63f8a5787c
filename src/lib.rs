pub mod error;
pub mod order;
pub mod table;
pub mod targets;
pub mod text;
