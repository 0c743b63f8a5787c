pub mod dns;
pub mod error;
pub mod order;
pub mod pace;
pub mod records;
pub mod stop;
pub mod table;
pub mod text;
