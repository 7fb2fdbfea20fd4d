import DICOM
import Testing

/// Vectors of FIPS 180-4 (NIST's "SHA256.pdf" examples) and one that crosses block borders in odd steps.
struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func aDigestIsThePublishedOne(text: String, expected: String) {
        #expect(SHA256.hexadecimal(SHA256.digest(of: Array(text.utf8))) == expected)
    }

    @Test(arguments: [1, 7, 55, 56, 63, 64, 65, 1000])
    func aMillionLettersInPiecesGiveThePublishedDigest(piece: Int) {
        let hash = SHA256()
        var left = 1_000_000
        while left > 0 {
            hash.update([UInt8](repeating: UInt8(ascii: "a"), count: min(piece, left)))
            left -= piece
        }
        #expect(
            SHA256.hexadecimal(hash.digest()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
}
