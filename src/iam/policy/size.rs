//! The size of a document as AWS counts it.

/// The characters that are not white space: what the quotas of IAM count, 6,144 in a managed policy and 10,240 in the
/// inline policies of a role together ("IAM and AWS STS quotas").
///
/// `document` is the JSON text.
pub fn non_whitespace(document: &str) -> usize {
    // Bytes that go on with a character count nothing.
    document.bytes().filter(|byte| !byte.is_ascii_whitespace() && byte & 0xc0 != 0x80).count()
}

/// The bytes of the whole document, white space included: an inline policy of a permission set holds 32,768 ("IAM
/// Identity Center quotas").
pub fn bytes(document: &str) -> usize {
    document.len()
}
