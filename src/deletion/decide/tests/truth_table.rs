//! What `decide` must answer, written a second time and in another way: rows of conditions, of which the first that fits
//! counts. It follows the documentation of S3 and the page about the delete path, not the code.

use super::domain::COLUMNS;

/// Each condition is `column:letters`, and holds if the column has one of the letters. The letters are in `domain`.
const ROWS: [(&str, &str); 34] = [
    // Without an answer nothing is known.
    ("answer:D", "denied"),
    ("answer:E", "error"),
    ("answer:N", "not-found"),
    // A marker of another version says only that the named version is not the current one.
    ("mode:H answer:M named:v version:-x02", "not-current"),
    ("mode:H answer:M named:0 version:x12", "not-current"),
    ("answer:M", "delete-marker"),
    // The version that answered must be the named one. Without the header it is the `null` version.
    ("mode:H named:v version:-x02", "not-current"),
    ("mode:H named:0 version:x12", "not-current"),
    ("mode:P named:v version:-x02", "error"),
    ("mode:P named:0 version:x12", "error"),
    ("mode:P named:-", "error"),
    // Only COMPLETED proves a replica.
    ("status:P", "pending"),
    ("status:F", "failed"),
    ("status:R", "replica"),
    ("status:0", "not-replicated"),
    ("status:?", "unknown-status"),
    ("version:x", "error"),
    // A DELETE destroys where versioning is not Enabled; an upload takes over the version `null`.
    ("versioning:D", "denied"),
    ("versioning:E", "error"),
    ("mode:H versioning:S", "bucket-not-versioned"),
    ("mode:P versioning:S named:0", "bucket-not-versioned"),
    // The delete must not reach the replica.
    ("mode:H rules:mbE allow-marker:-", "marker-replicates"),
    ("mode:P rules:rbE custom:y allow-removal:-", "delete-replicates"),
    ("mode:P mfa:m", "locked"),
    ("mode:P lock:L", "locked"),
    ("mode:P annotations:-Eb allow-loss:-", "annotations"),
    ("verify:v replicas:-0Eu", "replica-unknown"),
    ("verify:v replicas:x", "replica-denied"),
    ("verify:v replicas:n", "not-a-replica"),
    ("verify:v replicas:d", "replica-differs"),
    ("verify:v replicas:m", "replica-missing"),
    ("bind:-", "error"),
    ("mode:H rules:mbE", REPLICA_TOO),
    ("mode:P rules:rbE custom:y", REPLICA_TOO),
];

pub(super) const REPLICA_TOO: &str = "delete, and the replica goes too";
/// Where no row fits.
pub(super) const DELETE: &str = "delete";

/// For each of these columns, the letters of which one must be there.
type Conditions = Vec<(usize, &'static [u8])>;

pub(super) struct TruthTable(Vec<(Conditions, &'static str)>);

impl TruthTable {
    pub(super) fn new() -> Self {
        let condition = |text: &'static str| {
            let (column, letters) = text.split_once(':').unwrap();
            (COLUMNS.iter().position(|known| *known == column).unwrap(), letters.as_bytes())
        };
        Self(ROWS.iter().map(|(row, word)| (row.split_whitespace().map(condition).collect(), *word)).collect())
    }

    pub(super) fn rows(&self) -> usize {
        self.0.len()
    }

    /// The row that fits, and the word of the reason to keep the object, or one of the two words for a delete.
    pub(super) fn expected(&self, case: &[u8]) -> (usize, &'static str) {
        let fits = |row: &[(usize, &[u8])]| row.iter().all(|(column, letters)| letters.contains(&case[*column]));
        let row = self.0.iter().position(|(row, _)| fits(row)).unwrap_or(self.0.len());
        (row, self.0.get(row).map_or(DELETE, |(_, word)| word))
    }
}
