//! replaudit
fn main() {}
