import DICOM
import Dispatch
import DualEnergyCT
import Foundation

/// One series of CT images and the attributes that tell it from the others.
struct ImageSeries {
    var number: Int
    var name: String
    var description: String
    var imageType: [String]
    /// Peak voltage; nil for images that mix two.
    var kilovoltage: Int?
    /// Thickness of the tin filter in mm, 0 without.
    var tinMm: Double = 0
    var thicknessMm: Double
    var volume: Volume<Int16>
    var seconds: Int = 0
}

/// Writes series of one study into folders of their own.
struct SeriesWriter {
    let identity: StudyIdentity
    let vendor: Vendor
    let folder: URL

    /// Stored values are HU + 1024, unsigned, as a scanner writes them.
    private static let intercept = -1024

    /// Writes one file a slice; the first instance is the slice nearest to the head.
    func write(_ series: ImageSeries) throws {
        let target = folder.appendingPathComponent(series.name)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let geometry = series.volume.geometry
        let parts = 4
        let failures = FirstFailure()
        let path = target.path
        let (identity, vendor) = (identity, vendor)
        // `series` holds no reference, and each thread writes files and a data set of its own.
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            do {
                let data = Self.template(series, identity: identity, vendor: vendor)
                let slices = part * geometry.slices / parts..<(part + 1) * geometry.slices / parts
                for k in slices {
                    Self.fill(data, series, slice: k, identity: identity)
                    let number = geometry.slices - k
                    let text = String(number)
                    let file = String(repeating: "0", count: max(0, 4 - text.count)) + text
                    try data.write(to: "\(path)/\(file).dcm")
                }
            } catch {
                failures.record(error)
            }
        }
        if let error = failures.error { throw error }
    }

    private static func template(_ series: ImageSeries, identity: StudyIdentity, vendor: Vendor) -> DataSet {
        let data = identity.header(vendor: vendor)
        let geometry = series.volume.geometry
        let isLocalizer = series.imageType.contains("LOCALIZER")
        let time = identity.time.dropLast(2) + (series.seconds < 10 ? "0" : "") + String(series.seconds)
        data.set(.sopClassUID, SOPClass.ctImage)
        data.set(.modality, "CT")
        data.set(.imageType, series.imageType)
        for tag in [Tag.seriesDate, .acquisitionDate, .contentDate] { data.set(tag, identity.date) }
        for tag in [Tag.seriesTime, .acquisitionTime, .contentTime] { data.set(tag, String(time)) }
        data.set(.seriesDescription, series.description)
        if let side = identity.side {
            data.set(.protocolName, "\(identity.bodyPart.capitalized)_DE_\(side == .right ? "R" : "L")")
            data.set(.bodyPartExamined, identity.bodyPart)
            // Both sides are in a scan of the pelvis.
            if identity.bodyPart != "PELVIS" { data.set(.laterality, side == .right ? "R" : "L") }
        } else {
            data.set(.protocolName, "QA_Rods_DE")
            data.set(.bodyPartExamined, "PHANTOM")
        }
        data.set(.patientPosition, "HFS")
        data.set(.seriesInstanceUID, identity.uid("series \(series.number)"))
        data.set(.seriesNumber, integer: series.number)
        data.set(.acquisitionNumber, integer: isLocalizer ? 1 : 2)
        data.set(.frameOfReferenceUID, identity.frameOfReferenceUID)
        data.setEmpty(.positionReferenceIndicator)
        data.set(.sliceThickness, double: series.thicknessMm)
        if let kilovoltage = series.kilovoltage {
            data.set(.kvp, double: Double(kilovoltage))
        } else {
            data.setEmpty(.kvp)
        }
        data.set(.scanOptions, isLocalizer ? "TOPOGRAM" : "SPIRAL")
        data.set(.dataCollectionDiameter, double: 500)
        data.set(.reconstructionDiameter, double: Double(geometry.columns) * geometry.columnSpacingMm)
        data.set(.convolutionKernel, isLocalizer ? ["T20f"] : vendor.kernel)
        data.set(.gantryDetectorTilt, double: 0)
        data.set(.tableHeight, double: 160)
        data.set(.rotationDirection, "CW")
        data.set(.exposureTime, integer: 500)
        data.set(.xRayTubeCurrent, integer: series.tinMm > 0 ? 180 : 120)
        data.set(.exposure, integer: series.tinMm > 0 ? 90 : 60)
        data.set(.filterType, vendor == .siemens ? "FLAT" : "NONE")
        // Material of the added filter, where it is stated: vendors often leave tin to the description.
        if series.tinMm > 0, vendor == .generic {
            data.set(.filterType, "FLAT")
            data.set(.filterMaterial, "TIN")
        }
        if !isLocalizer {
            data.append(CodedConcept("113690", "DCM", "IEC Head Dosimetry Phantom"), to: Tag(0x0018, 0x9346))
            data.set(.ctdiVol, double: series.kilovoltage == nil ? 4.2 : 2.1)
        }
        data.set(
            .imageOrientationPatient,
            doubles: [
                geometry.rowDirection.x, geometry.rowDirection.y, geometry.rowDirection.z, geometry.columnDirection.x,
                geometry.columnDirection.y, geometry.columnDirection.z,
            ])
        data.set(.samplesPerPixel, integer: 1)
        data.set(.photometricInterpretation, "MONOCHROME2")
        data.set(.rows, integer: geometry.rows)
        data.set(.columns, integer: geometry.columns)
        data.set(.pixelSpacing, doubles: [geometry.rowSpacingMm, geometry.columnSpacingMm])
        data.set(.bitsAllocated, integer: 16)
        data.set(.bitsStored, integer: 12)
        data.set(.highBit, integer: 11)
        data.set(.pixelRepresentation, integer: 0)
        data.set(.rescaleIntercept, double: Double(intercept))
        data.set(.rescaleSlope, double: 1)
        if !isLocalizer { data.set(.rescaleType, "HU") }
        data.set(.windowCenter, doubles: [80])
        data.set(.windowWidth, doubles: [600])
        return data
    }

    private static func fill(_ data: DataSet, _ series: ImageSeries, slice k: Int, identity: StudyIdentity) {
        let geometry = series.volume.geometry
        let number = geometry.slices - k
        let position = geometry.position(0, 0, Double(k))
        data.set(.sopInstanceUID, identity.uid("series \(series.number) instance \(number)"))
        data.set(.instanceNumber, integer: number)
        data.set(.imagePositionPatient, doubles: [position.x, position.y, position.z].map(rounded))
        data.set(.sliceLocation, double: rounded(position.z))
        let count = geometry.columns * geometry.rows
        let bytes = [UInt8](unsafeUninitializedCapacity: 2 * count) { buffer, filled in
            series.volume.voxels.withUnsafeBufferPointer { voxels in
                for i in 0..<count {
                    let stored = UInt16(Int(voxels[k * count + i]) - intercept)
                    buffer[2 * i] = UInt8(stored & 0xFF)
                    buffer[2 * i + 1] = UInt8(stored >> 8)
                }
            }
            filled = 2 * count
        }
        data.setBytes(.pixelData, bytes)
    }

    /// To 0.1 um, so that a position is as short as a scanner writes it.
    private static func rounded(_ mm: Double) -> Double { (mm * 10_000).rounded() / 10_000 }
}

/// The first error of several threads.
final class FirstFailure: @unchecked Sendable {
    // Unchecked: guarded by the lock.
    private let lock = NSLock()
    private var first: (any Error)?

    func record(_ error: any Error) {
        lock.lock()
        defer { lock.unlock() }
        if first == nil { first = error }
    }

    var error: (any Error)? {
        lock.lock()
        defer { lock.unlock() }
        return first
    }
}
