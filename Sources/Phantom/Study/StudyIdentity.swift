import DICOM
import Foundation

/// Who, when and which study: all from the seed and the arguments, so that the same call makes the same files.
struct StudyIdentity: Sendable {
    let seed: UInt64
    let key: String
    /// Nil for a test object, which has none.
    let side: HandParameters.Side?
    /// The body part as DICOM's defined term names it.
    var bodyPart = "HAND"
    /// Date and time of the acquisition.
    let date: String
    let time = "091500"

    /// - Parameter key: Everything that makes one study differ from another, as text.
    /// - Parameter visit: 1 for the first examination; each later one is a year later.
    /// - Parameter date: of the study where it is another, YYYYMMDD.
    init(seed: UInt64, side: HandParameters.Side?, key: String, visit: Int = 1, date: String? = nil) {
        self.date = date ?? String(2025 + visit) + "0105"
        self.seed = seed
        self.side = side
        self.key = key
    }

    func uid(_ name: String) -> UID {
        UID.derived(from: SHA256.digest(of: Array("apatite phantom \(seed) \(key) \(name)".utf8)))
    }

    var studyUID: UID { uid("study") }
    var frameOfReferenceUID: UID { uid("frame of reference") }

    private func padded(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value % 10_000_000)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Patient, study and equipment attributes that all objects of the study share.
    func header(vendor: Vendor) -> DataSet {
        let data = DataSet()
        data.set(.specificCharacterSet, "ISO_IR 192")
        data.set(.instanceCreationDate, date)
        data.set(.instanceCreationTime, time)
        data.set(.studyDate, date)
        data.set(.studyTime, time)
        data.set(.accessionNumber, "A" + padded(2_600_000 + seed, 7))
        data.set(.referringPhysicianName, "Sjögren^Åsa^^Dr.")
        data.set(.studyDescription, side == nil ? "QA Rods Dual Energy" : "CT \(bodyPart.capitalized) Dual Energy")
        data.set(.patientName, side == nil ? "QA^Rods" : "Phantom-Müller^Zoë")
        data.set(.patientID, "PHANTOM-" + padded(seed, 4))
        data.set(.patientBirthDate, "19610417")
        data.set(.patientSex, "F")
        data.set(.patientAge, "064Y")
        data.set(.studyInstanceUID, studyUID)
        data.set(.studyID, padded(seed, 1))
        data.set(.manufacturer, vendor.manufacturer)
        data.set(.manufacturerModelName, vendor.model)
        data.set(.institutionName, "Simulated Hospital")
        data.set(.stationName, "CTSIM")
        data.set(.deviceSerialNumber, "00000")
        data.set(.softwareVersions, vendor.software)
        return data
    }
}

/// Whose conventions the headers follow.
public enum Vendor: String, Sendable, CaseIterable {
    case siemens, generic

    var manufacturer: String { self == .siemens ? "SIEMENS" : "Simulated" }
    var model: String { self == .siemens ? "SOMATOM Force" : "Phantom" }
    var software: String { self == .siemens ? "syngo CT VB20A" : "1" }
    var kernel: [String] { self == .siemens ? ["Qr36d", "3"] : ["MEDIUM"] }
}
