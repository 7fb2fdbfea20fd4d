import DICOM

/// The patient in one line of text.
struct PatientLine {
    let name: String
    let id: String
    let birthDate: String

    init(_ header: DataSet) {
        // The alphabetic form: the picture's font has no ideographs (PS3.5 section 6.2.1).
        let forms = (header.string(.patientName) ?? "").split(separator: "=", omittingEmptySubsequences: false)
        let form = forms.first { !$0.isEmpty } ?? ""
        name = Self.printable(form.split(separator: "^").joined(separator: " "))
        id = Self.printable(header.string(.patientID) ?? "")
        let date = Array(header.string(.patientBirthDate) ?? "")
        birthDate =
            date.count == 8
            ? "\(String(date[0..<4]))-\(String(date[4..<6]))-\(String(date[6..<8]))" : Self.printable(String(date))
    }

    var text: String { [name, id, birthDate].filter { !$0.isEmpty }.joined(separator: "   ") }

    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.properties.generalCategory != .control }.map(Character.init))
    }
}
