import DICOM
import DualEnergyCT
import Foundation
import Phantom
import Testing

/// The hand: its truth, its seeds and its files.
@Suite struct HandPhantomTests {
    private static func fingers(slices: Int = 40, start: Double = 0) -> ScanParameters {
        var scan = ScanParameters()
        scan.slices = slices
        scan.startMm = start
        return scan
    }

    private static let pair = SpectrumPair(low: .kv80, high: .tin150)

    @Test(arguments: SimulationMode.allCases) func theSameSeedMakesTheSameImages(_ mode: SimulationMode) {
        let scan = Self.fingers(slices: 10, start: 10)
        let first = HandPhantom(scan: scan, seed: 7).simulate(mode: mode, pair: Self.pair)
        let second = HandPhantom(scan: scan, seed: 7).simulate(mode: mode, pair: Self.pair)
        let other = HandPhantom(scan: scan, seed: 8).simulate(mode: mode, pair: Self.pair)
        #expect(first.low.voxels == second.low.voxels)
        #expect(first.high.voxels == second.high.voxels)
        #expect(first.low.voxels != other.low.voxels)
        #expect(first.low.voxels != first.high.voxels)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func depositsHaveTheVolumeOfTheirLabels(_ seed: UInt64) throws {
        let phantom = HandPhantom(scan: Self.fingers(slices: 320), seed: seed)
        let truth = phantom.truth(mode: .quick, pair: Self.pair)
        let labels = phantom.truthLabels()
        #expect(truth.deposits.count >= 9)
        var counts = [Int](repeating: 0, count: 256)
        for label in labels.voxels { counts[Int(label)] += 1 }
        let voxel = labels.geometry.voxelVolumeMm3
        for deposit in truth.deposits {
            let labelled = Double(counts[100 + deposit.number]) * voxel
            // Counting voxel centres errs by about the square root of the number of voxels on the surface.
            #expect(abs(labelled - deposit.volumeMm3) < 0.05 * deposit.volumeMm3 + 0.8)
            #expect(abs(deposit.hydroxyapatiteMassMg - deposit.volumeMm3 * deposit.densityMgPerCm3 / 1000) < 1e-9)
            #expect((100...700).contains(deposit.densityMgPerCm3))
            #expect((0.8...9).contains(deposit.equivalentDiameterMm))
            #expect(deposit.touchesBone == (deposit.compartment == .periarticular))
        }
        #expect(truth.deposits.contains { $0.compartment == .fingertipFatPad })
        #expect(truth.deposits.contains { $0.compartment == .carpalTunnel })
        #expect(truth.deposits.contains { $0.touchesBone })
    }

    /// The same hand around them, and soft tissue where they are.
    @Test func erosionsTakeBoneAwayAndNothingElse() throws {
        var parameters = HandParameters()
        let scan = Self.fingers(slices: 320)
        let sound = HandPhantom(parameters, scan: scan, seed: 5)
        parameters.erosionCount = 6
        let eroded = HandPhantom(parameters, scan: scan, seed: 5)
        let truth = eroded.truth(mode: .quick, pair: Self.pair)
        #expect(truth.deposits == sound.truth(mode: .quick, pair: Self.pair).deposits)
        #expect(sound.truth(mode: .quick, pair: Self.pair).erosions == nil)
        let erosions = try #require(truth.erosions)
        #expect(erosions.count == 6)
        #expect(Set(erosions.map { [$0.digit, $0.segment] }).count >= 3)
        #expect(erosions.allSatisfy { (2...5).contains($0.diameterMm) && (1...5).contains($0.digit) })
        let (before, after) = (sound.truthLabels(), eroded.truthLabels())
        let g = eroded.geometry
        var lost = [Int](repeating: 0, count: erosions.count)
        for n in before.voxels.indices where before.voxels[n] != after.voxels[n] {
            #expect(before.voxels[n] == TruthLabel.bone && after.voxels[n] == TruthLabel.tissue)
            let p = g.position(
                Double(n % g.columns), Double(n / g.columns % g.rows), Double(n / (g.columns * g.rows)))
            let own = try #require(
                erosions.firstIndex { erosion in
                    let centre = PatientVector(erosion.centreMm[0], erosion.centreMm[1], erosion.centreMm[2])
                    return (p - centre).length < 0.5 * erosion.diameterMm + 0.01
                })
            lost[own] += 1
        }
        for (erosion, count) in zip(erosions, lost) {
            let ball = Double.pi / 6 * erosion.diameterMm * erosion.diameterMm * erosion.diameterMm
            let share = Double(count) * g.voxelVolumeMm3 / ball
            #expect((0.5...1).contains(share), "\(erosion): \(share)")
        }
    }

    @Test func aDepositReadsAtItsPlaceInTheImages() throws {
        let phantom = HandPhantom(scan: Self.fingers(slices: 320), seed: 1)
        let truth = phantom.truth(mode: .quick, pair: Self.pair)
        let images = phantom.simulate(mode: .quick, pair: Self.pair)
        let g = phantom.geometry
        for deposit in truth.deposits where deposit.equivalentDiameterMm > 3.5 {
            let offset = PatientVector(deposit.centreMm[0], deposit.centreMm[1], deposit.centreMm[2]) - g.origin
            let i = Int((offset.x / g.columnSpacingMm).rounded())
            let j = Int((offset.y / g.rowSpacingMm).rounded())
            let k = Int((offset.z / g.sliceSpacingMm).rounded())
            let expected = 2.19 * deposit.densityMgPerCm3
            #expect(Double(images.low[i, j, k]) > 0.5 * expected - 110, "deposit \(deposit.number)")
        }
    }

    @Test func aLeftHandIsTheMirrorImageOfARightOne() {
        var left = HandParameters()
        left.side = .left
        let right = HandPhantom(scan: Self.fingers(), seed: 3).truthLabels()
        let mirrored = HandPhantom(left, scan: Self.fingers(), seed: 3).truthLabels()
        let g = right.geometry
        var (differing, inside) = (0, 0)
        for k in stride(from: 0, to: g.slices, by: 8) {
            for j in 0..<g.rows {
                for i in 0..<g.columns {
                    if right[i, j, k] != 0 { inside += 1 }
                    if right[i, j, k] != mirrored[g.columns - 1 - i, j, k] { differing += 1 }
                }
            }
        }
        // The skin's depth is interpolated between points that start from the other side: a few at a border differ.
        #expect(inside > 2000 && 100 * differing < inside, "\(differing) of \(inside)")
    }

    @Test func aHealthyHandHasNoDeposits() {
        var healthy = HandParameters()
        healthy.hasCalcinosis = false
        let phantom = HandPhantom(healthy, scan: Self.fingers(), seed: 1)
        #expect(phantom.truth(mode: .quick, pair: Self.pair).deposits.isEmpty)
        #expect(!phantom.truthLabels().voxels.contains { $0 > 100 })
    }

    @Test func resorptionShortensTheDistalPhalanges() {
        func bone(_ share: Float) -> Int {
            var parameters = HandParameters()
            parameters.hasCalcinosis = false
            parameters.acroOsteolysis = share
            return HandPhantom(parameters, scan: Self.fingers(slices: 60), seed: 2).truthLabels().voxels.count {
                $0 == 1
            }
        }
        #expect(Double(bone(0.6)) < 0.9 * Double(bone(0)))
    }

    @Test func urateIsAddedWhenAskedFor() {
        var parameters = HandParameters()
        parameters.hasUrate = true
        let truth = HandPhantom(parameters, scan: Self.fingers(slices: 320), seed: 1).truth(
            mode: .quick, pair: Self.pair)
        let urate = truth.deposits.filter { $0.material == "monosodiumUrate" }
        #expect(urate.count == 2)
        #expect(urate.allSatisfy { $0.urateMassMg > 0 && $0.hydroxyapatiteMassMg == 0 })
    }
}
