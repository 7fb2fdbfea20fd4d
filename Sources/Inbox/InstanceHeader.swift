import DICOM
import Foundation
import Glibc
import Ledger

/// The identifiers of a received object and what the operator's view shows of it.
///
/// Read by a scanner of its own, up to Series Instance UID and not further: in the accept path nothing of a hostile object
/// may be allocated, decoded or followed into depth.
struct InstanceHeader {
    let sopClassUID: String
    let sopInstanceUID: String
    let studyInstanceUID: String
    let seriesInstanceUID: String
    private let attributes: HeaderAttributes

    /// Sizes of the beginning of a file that are tried, bytes. Private groups before the identifiers can be long.
    private static let prefixes = [64 << 10, 1 << 20, 32 << 20]

    /// - Parameters:
    ///   - offset: where the data set begins.
    ///   - syntax: its transfer syntax.
    /// - Throws: `malformed` when an identifier is missing or invalid, `inputOutput`.
    init(descriptor: Int32, offset: Int, syntax: UID) throws(DICOMError) {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw DICOMError.system("cannot read a file") }
        let available = Int(information.st_size) - offset
        for prefix in Self.prefixes {
            let wanted = min(prefix, available)
            var bytes = [UInt8](repeating: 0, count: max(0, wanted))
            guard wanted > 0, pread(descriptor, &bytes, wanted, off_t(offset)) == wanted else { break }
            if syntax == TransferSyntax.deflatedLittleEndian.uid { bytes = try inflatePrefix(bytes, limit: 4 * prefix) }
            var scanner = HeaderScanner(bytes: bytes, syntax: syntax)
            guard scanner.scan(Self.wantedTags, upTo: .seriesInstanceUID) else {
                if wanted == available { break }
                continue
            }
            try self.init(scanner)
            return
        }
        throw DICOMError(.malformed, "the identifiers cannot be read")
    }

    private init(_ scanner: HeaderScanner) throws(DICOMError) {
        func uid(_ tag: Tag) throws(DICOMError) -> String {
            guard let text = scanner.text(tag), UID(validating: text) != nil else {
                throw DICOMError(.malformed, "\(tag) is missing or no UID")
            }
            return text
        }
        sopClassUID = try uid(.sopClassUID)
        sopInstanceUID = try uid(.sopInstanceUID)
        studyInstanceUID = try uid(.studyInstanceUID)
        seriesInstanceUID = try uid(.seriesInstanceUID)
        var attributes = HeaderAttributes()
        func text(_ tag: Tag) -> String { scanner.text(tag) ?? "" }
        attributes.patientID = text(.patientID)
        attributes.issuerOfPatientID = text(.issuerOfPatientID)
        attributes.patientName = text(.patientName)
        attributes.patientBirthDate = text(.patientBirthDate)
        attributes.accessionNumber = text(.accessionNumber)
        attributes.studyDescription = text(.studyDescription)
        attributes.studyDate = text(.studyDate)
        attributes.modality = text(.modality)
        attributes.seriesDescription = text(.seriesDescription)
        attributes.bodyPartExamined = text(.bodyPartExamined)
        attributes.protocolName = text(.protocolName)
        attributes.procedureCode = text(.codeValue)
        attributes.manufacturer = text(.manufacturer)
        attributes.referencedSeries = scanner.referencedSeriesUIDs
        self.attributes = attributes
    }

    private static let wantedTags: Set<Tag> = [
        .specificCharacterSet, .sopClassUID, .sopInstanceUID, .studyInstanceUID, .seriesInstanceUID, .patientID,
        .issuerOfPatientID, .patientName, .patientBirthDate, .accessionNumber, .studyDescription, .studyDate, .modality,
        .seriesDescription, .bodyPartExamined, .protocolName, .manufacturer,
    ]

    func arrival(
        digest: String, byteCount: Int, path: String, syntax: UID, from arrival: Arrival, at date: Date
    ) -> ReceivedInstance {
        ReceivedInstance(
            sopClassUID: sopClassUID, sopInstanceUID: sopInstanceUID, seriesInstanceUID: seriesInstanceUID,
            studyInstanceUID: studyInstanceUID, transferSyntaxUID: syntax.rawValue,
            callingAETitle: arrival.callingAETitle, calledAETitle: arrival.calledAETitle, sha256: digest,
            byteCount: byteCount, path: path, receivedAt: date, associationID: arrival.associationRow,
            header: attributes)
    }
}
