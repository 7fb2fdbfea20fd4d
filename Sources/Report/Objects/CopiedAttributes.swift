import DICOM

/// What every result takes over from the source: the patient and the study, whole and unchanged, so that no archive
/// sees a second patient.
enum CopiedAttributes {
    /// General Study and Patient Study attributes outside the patient's own groups.
    ///
    /// Reference: PS3.3 C.7.2.1 and C.7.2.2, tables C.7-3 and C.7-4a.
    private static let study: [Tag] = [
        .studyDate, .studyTime, .accessionNumber, Tag(0x0008, 0x0051), .referringPhysicianName, Tag(0x0008, 0x0096),
        Tag(0x0008, 0x009C), Tag(0x0008, 0x009D), .timezoneOffsetFromUTC, .studyDescription, .procedureCodeSequence,
        Tag(0x0008, 0x1048), Tag(0x0008, 0x1049), Tag(0x0008, 0x1060), Tag(0x0008, 0x1062), Tag(0x0008, 0x1080),
        Tag(0x0008, 0x1084), .referencedStudySequence, .studyInstanceUID, .studyID, Tag(0x0032, 0x1033),
        Tag(0x0032, 0x1034), Tag(0x0038, 0x0010), Tag(0x0038, 0x0014), Tag(0x0038, 0x0060), Tag(0x0038, 0x0062),
        Tag(0x0038, 0x0064),
    ]

    /// Must be there, with or without a value (type 2).
    private static let required: [Tag] = [
        .patientName, .patientID, .patientBirthDate, .patientSex, .studyDate, .studyTime, .accessionNumber,
        .referringPhysicianName, .studyID,
    ]

    /// Those that a header has, in its order: all of the patient's and de-identification groups, and the study's.
    static func tags(of header: DataSet) -> [Tag] {
        header.tags.filter { $0.group == 0x0010 || $0.group == 0x0012 || study.contains($0) }
    }

    static func copy(from header: DataSet, to target: DataSet) {
        target.copy(tags(of: header), from: header)
        for tag in required where !target.contains(tag) { target.setEmpty(tag) }
    }
}
