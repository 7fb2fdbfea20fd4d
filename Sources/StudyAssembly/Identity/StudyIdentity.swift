/// Whether the objects of a study belong to one study of one patient. Identity is compared and never told.
enum StudyIdentity {
    /// - Returns: why the objects cannot be taken for one study, in order of weight.
    static func check(_ headers: [ImageHeader]) -> [FateReason] {
        var reasons: [FateReason] = []
        let studies = Set(headers.map(\.studyInstanceUID))
        if studies.contains("") {
            reasons.append(
                FateReason(.missingIdentifiers, "An object has no Study Instance UID.", remedy: "Send the study again.")
            )
        }
        if studies.count > 1 {
            reasons.append(
                FateReason(
                    .severalStudies, "The objects belong to \(studies.count) studies.",
                    remedy: "Give the files of one study at a time."))
        } else if patientsDiffer(headers) {
            reasons.append(
                FateReason(
                    .twoPatients, "Objects under one Study Instance UID name different patients.",
                    remedy: "Correct the patient at the scanner or the PACS and send the study again."))
        }
        return reasons
    }

    /// Compared as far as both sides say something, so that a dose report without a birth date is no second patient.
    private static func patientsDiffer(_ headers: [ImageHeader]) -> Bool {
        let identifiers = Set(headers.map { $0.patientID.uppercased() }.filter { !$0.isEmpty })
        let birthDates = Set(headers.map(\.patientBirthDate).filter { !$0.isEmpty })
        let names = Set(headers.map { name($0.patientName) }.filter { !$0.isEmpty })
        return identifiers.count > 1 || birthDates.count > 1 || names.count > 1
    }

    /// A name without what devices add or drop: empty components, capitals, repeated spaces.
    private static func name(_ text: String) -> String {
        let alphabetic = text.uppercased().split(separator: "=", omittingEmptySubsequences: false).first ?? ""
        return alphabetic.split { $0 == "^" || $0 == " " }.joined(separator: " ")
    }

    /// Instances that came more than once: copies are dropped, contradictions refused.
    static func withoutCopies(_ headers: [ImageHeader]) throws(SetAside) -> [ImageHeader] {
        struct Key: Hashable {
            var instance: String
            var frame: Int?
        }
        var seen: [Key: ImageHeader] = [:]
        var result: [ImageHeader] = []
        for header in headers {
            let key = Key(instance: header.sopInstanceUID, frame: header.frame)
            if header.sopInstanceUID.isEmpty {
                throw SetAside(
                    .missingIdentifiers, "An object has no SOP Instance UID.", remedy: "Send the study again.")
            }
            guard let earlier = seen[key] else {
                seen[key] = header
                result.append(header)
                continue
            }
            guard header.isCopy(of: earlier) else {
                throw SetAside(
                    .conflictingInstances, "Two objects with one SOP Instance UID have different content.",
                    remedy: "Find out which device changed it, and send the right one.")
            }
        }
        return result
    }
}
