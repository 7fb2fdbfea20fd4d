internal import DICOM

extension SHA256 {
    /// Hexadecimal digest of a text in UTF-8.
    static func hex(of text: String) -> String {
        var hash = SHA256()
        hash.update(Array(text.utf8))
        return hash.digest().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
