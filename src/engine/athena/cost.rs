//! What a query costs by the list price of most Regions.

/// USD for 10^12 bytes (Amazon Athena pricing, November 2026).
const USD_PER_TB: u128 = 5;
/// The least that is billed for a query.
const LEAST_BYTES: u64 = 10_000_000;
/// 0.01 USD, in units of 10^-12 USD.
const CENT: u128 = 10_000_000_000;

/// The list price of a query that scans this, in USD, rounded up.
pub(crate) fn list_price(scanned: u64) -> String {
    let price = u128::from(scanned.max(LEAST_BYTES)) * USD_PER_TB;
    if price < CENT {
        return "less than 0.01 USD".to_owned();
    }
    let cents = price.div_ceil(CENT);
    format!("{}.{:02} USD", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_rounded_up_to_cents() {
        let table = [
            (0, "less than 0.01 USD"),
            (1_999_999_999, "less than 0.01 USD"),
            (2_000_000_000, "0.01 USD"),
            (2_000_000_001, "0.02 USD"),
            (1_000_000_000_000, "5.00 USD"),
            (1_234_000_000_000, "6.17 USD"),
            (u64::MAX, "92233720.37 USD"),
        ];
        for (bytes, price) in table {
            assert_eq!(list_price(bytes), price, "{bytes}");
        }
    }
}
