import DICOM
import DualEnergyCT
import Foundation
import StudyAssembly
import TestSupport
import Testing

/// The assembly on real files, from reading to decoded CT numbers.
@Suite struct FilesTests {
    private func assemble(_ study: SmallStudy) throws -> (fate: StudyFate, studyInstanceUID: String?) {
        let folder = try TemporaryFolder()
        try study.write(to: folder.path)
        return StudyAssembler().assemble([folder.path])
    }

    private func acquisition(_ study: SmallStudy) throws -> DualEnergyAcquisition {
        switch try assemble(study).fate {
        case .analysable(let acquisition): return acquisition
        case .leftAlone(let reason): throw reason
        case .setAside(let reasons): throw reasons[0]
        }
    }

    private func code(_ study: SmallStudy) throws -> FateReason.Code? {
        guard case .setAside(let reasons) = try assemble(study).fate else { return nil }
        return reasons.first?.code
    }

    @Test func aWholeStudyBecomesAPairOnOneGrid() throws {
        let found = try acquisition(SmallStudy())
        #expect(found.pair.lowBeam == .tube(kilovolts: 80, tinMm: 0))
        #expect(found.pair.highBeam == .tube(kilovolts: 150, tinMm: 0.6))
        #expect(found.pair.region == .hand)
        #expect(found.pair.laterality == .right)
        let geometry = found.pair.low.geometry
        #expect(geometry.columns == 64 && geometry.rows == 64 && geometry.slices == 12)
        #expect(abs(geometry.sliceSpacingMm - 0.8) < 1e-9)
        #expect(geometry.origin == PatientVector(-25, -25, 100))
        #expect(abs(Double(found.pair.low[32, 32, 6]) - 1700) < 40)
        #expect(abs(Double(found.pair.high[32, 32, 6]) - 790) < 40)
        #expect(found.low.slices.compactMap(\.instanceNumber) == Array(1...12))
        #expect(abs(found.agreement.boneRatio - (1700.0 - 46) / (790 - 41)) < 0.05)
    }

    @Test func storedValuesBecomeCTNumbersWhateverTheirForm() throws {
        let plain = try acquisition(SmallStudy())
        var study = SmallStudy()
        study.change = { _, _, header in
            // Signed, halved, and with a padding value in the first voxel: the same CT numbers.
            guard var bytes = header.bytes(.pixelData) else { return }
            for index in stride(from: 0, to: bytes.count, by: 2) {
                let value = (Int(bytes[index]) | Int(bytes[index + 1]) << 8) - 1024
                let stored = UInt16(bitPattern: Int16(value * 2))
                bytes[index] = UInt8(stored & 0xFF)
                bytes[index + 1] = UInt8(stored >> 8)
            }
            (bytes[0], bytes[1]) = (0x00, 0x80)
            header.setBytes(.pixelData, bytes)
            header.set(.pixelRepresentation, integer: 1)
            header.set(.pixelPaddingValue, integers: [-32768], vr: "SS")
            header.set(.rescaleSlope, double: 0.5)
            header.set(.rescaleIntercept, double: 0)
        }
        let found = try acquisition(study)
        var expected = plain.pair.low.voxels
        for slice in 0..<12 { expected[slice * 64 * 64] = -1024 }
        // Compared before the expectation: its message would list every voxel.
        let isEqual = found.pair.low.voxels == expected
        #expect(isEqual)
    }

    @Test func aSeriesInTheOrderOfFallingPositionsIsSorted() throws {
        var study = SmallStudy()
        study.change = { _, slice, header in
            header.set(.imagePositionPatient, doubles: [-25, -25, 100 - 0.8 * Double(slice)])
        }
        let found = try acquisition(study)
        #expect(found.high.slices.compactMap(\.instanceNumber) == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
        #expect(found.pair.low.geometry.origin.z == 100 - 0.8 * 11)
    }

    @Test func oneEnergySentUnderTwoNamesIsFoundOut() throws {
        var study = SmallStudy()
        let low = try TemporaryFolder()
        let paths = try study.write(study.low, to: low.path)
        study.change = { series, slice, header in
            guard series == 5, let copy = try? DataSet(contentsOf: paths[slice]), let bytes = copy.bytes(.pixelData)
            else { return }
            header.setBytes(.pixelData, bytes)
        }
        #expect(try code(study) == .sameEnergyTwice)
    }

    @Test func energiesNamedTheWrongWayRoundAreFoundOut() throws {
        var study = SmallStudy()
        study.change = { _, _, header in
            let isLow = header.double(.kvp) == 80
            header.set(.kvp, double: isLow ? 150 : 80)
            header.set(.seriesDescription, isLow ? "DE_Hand_Sn150kV_B" : "DE_Hand_80kV_A")
        }
        #expect(try code(study) == .energiesSwapped)
    }

    @Test func aWrongInterceptIsFoundOutByTheAir() throws {
        var study = SmallStudy()
        study.change = { series, _, header in
            if series == 5 { header.set(.rescaleIntercept, double: 0) }
        }
        #expect(try code(study) == .airOutsideBand)
    }

    @Test(arguments: [-0x1p63, 0x1p63, 1e300, -0x1p31]) func anInterceptBeyondAnyCTNumberIsRefused(
        _ intercept: Double
    ) throws {
        var study = SmallStudy()
        study.change = { series, _, header in
            if series == 5 { header.set(.rescaleIntercept, double: intercept) }
        }
        #expect(try code(study) == .badRescale)
    }

    @Test func aClaimedBeamThatBoneContradictsIsRefused() throws {
        var study = SmallStudy()
        // The images are of 80 and Sn150 kV; without its tin filter 100/140 has a much smaller ratio.
        study.change = { series, _, header in
            header.set(.kvp, double: series == 4 ? 110 : 140)
            header.set(.seriesDescription, series == 4 ? "DE_110kV_A" : "DE_140kV_B")
        }
        #expect(try code(study) == .ratioOutsideBand)
    }

    @Test func imagesOfDifferentThingsAreRefused() throws {
        var study = SmallStudy()
        study.change = { series, _, header in
            guard series == 5, let bytes = header.bytes(.pixelData) else { return }
            // Each row turned by another angle: the same histogram, another object.
            var turned = bytes
            for row in 0..<64 {
                for column in 0..<64 {
                    let source = (row * 64 + (column + row * 23) % 64) * 2
                    (turned[(row * 64 + column) * 2], turned[(row * 64 + column) * 2 + 1]) = (
                        bytes[source], bytes[source + 1]
                    )
                }
            }
            header.setBytes(.pixelData, turned)
        }
        #expect(try code(study) == .differentAnatomy)
    }

    @Test func framesOfAnEnhancedImageAreReadFromTheirFunctionalGroups() throws {
        let folder = try TemporaryFolder()
        let single = try TemporaryFolder()
        let study = SmallStudy()
        for energy in [study.low, study.high] {
            let paths = try study.write(energy, to: single.path)
            try enhanced(try paths.map { try DataSet(contentsOf: $0) }).write(to: "\(folder.path)/\(energy.series).dcm")
        }
        guard case .analysable(let found) = StudyAssembler().assemble([folder.path]).fate else {
            Issue.record("the enhanced images were not paired")
            return
        }
        let plain = try acquisition(study)
        let isEqual = found.pair.low.voxels == plain.pair.low.voxels
        #expect(isEqual)
        #expect(found.pair.high.geometry == plain.pair.high.geometry)
        #expect(found.high.slices.compactMap(\.frame) == Array(0..<12))
    }

    /// The same slices as one multi-frame object.
    private func enhanced(_ slices: [DataSet]) -> DataSet {
        let result = DataSet()
        for tag in slices[0].tags where tag != .pixelData { result.copy(tag, from: slices[0]) }
        for tag in [
            Tag.imagePositionPatient, .imageOrientationPatient, .pixelSpacing, .sliceThickness, .rescaleSlope,
            .rescaleIntercept, .rescaleType, .kvp, .convolutionKernel,
        ] { result.remove(tag) }
        result.set(.sopClassUID, SOPClass.enhancedCT)
        result.set(.numberOfFrames, integer: slices.count)
        let shared = result.appendItem(.sharedFunctionalGroupsSequence)
        let measures = shared.appendItem(.pixelMeasuresSequence)
        measures.copy([.pixelSpacing, .sliceThickness], from: slices[0])
        shared.appendItem(.planeOrientationSequence).copy(.imageOrientationPatient, from: slices[0])
        shared.appendItem(.ctXRayDetailsSequence).copy(.kvp, from: slices[0])
        shared.appendItem(.ctReconstructionSequence).copy(.convolutionKernel, from: slices[0])
        for slice in slices {
            let frame = result.appendItem(.perFrameFunctionalGroupsSequence)
            frame.appendItem(.planePositionSequence).copy(.imagePositionPatient, from: slice)
            frame.appendItem(.pixelValueTransformationSequence).copy(
                [.rescaleSlope, .rescaleIntercept, .rescaleType], from: slice)
        }
        result.setBytes(.pixelData, slices.flatMap { $0.bytes(.pixelData) ?? [] })
        return result
    }
}
