import DualEnergyCT
import Testing

/// A finger with three deposits, measured on contours that a reader changed.
struct ReviewedContoursTests {
    /// The images and what the core finds in them by itself; made once.
    private static let found: (pair: DualEnergyPair, findings: Findings) = {
        var finger = FingerScene()
        let places: [(SIMD3<Float>, Float, Float)] = [
            (finger.at(55, palmar: 5.5, side: 0.5), 4, 300), (finger.at(12, palmar: -1, side: 7.1), 3, 400),
            (finger.at(36, palmar: 0.5, side: 6.2), 4, 350),
        ]
        for (centre, diameter, density) in places {
            finger.scene.paint(
                Matter.fat.with(hydroxyapatite: density), kind: .deposit, where: Shape.ball(centre, diameter / 2))
        }
        let images = finger.scene.images(seed: 4)
        let pair = DualEnergyPair(
            low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
            highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: images.sliceThicknessMm, region: .hand,
            laterality: .unknown)
        return (pair, analyse(pair))
    }()

    private var pair: DualEnergyPair { Self.found.pair }
    private var findings: Findings { Self.found.findings }

    /// The deposits as found, for a reader to change: contour n is deposit n.
    private static let drawn: Volume<UInt16> = {
        let labels = found.findings.labels
        return Volume(
            geometry: labels.geometry,
            voxels: labels.voxels.map { $0 >= SegmentLabel.firstDeposit ? $0 - SegmentLabel.firstDeposit + 1 : 0 })
    }()

    private let own = Self.drawn

    private func measured(_ labels: Volume<UInt16>, identities: [String?]) -> Findings {
        var options = AnalysisOptions()
        options.contours = ReviewedContours(labels: labels, identities: identities)
        return analyse(pair, options: options)
    }

    private func voxels(_ findings: Findings, contour: Int) throws -> [Int] {
        let deposit = try #require(findings.deposits.first { $0.contour == contour })
        let label = SegmentLabel.firstDeposit + UInt16(deposit.number - 1)
        return findings.labels.voxels.indices.filter { findings.labels.voxels[$0] == label }
    }

    @Test func contoursThatNobodyChangedMeasureTheSame() throws {
        #expect(findings.deposits.count == 3)
        let again = measured(own, identities: ["1.1", "1.2", "1.3"])
        #expect(again.deposits.map(\.hydroxyapatiteMassMg) == findings.deposits.map(\.hydroxyapatiteMassMg))
        #expect(again.deposits.map(\.volumeMm3) == findings.deposits.map(\.volumeMm3))
        #expect(again.deposits.map(\.distanceToBoneMm) == findings.deposits.map(\.distanceToBoneMm))
        #expect(again.deposits.map(\.identity) == ["1.1", "1.2", "1.3"])
        #expect(again.labels.voxels == findings.labels.voxels)
        #expect(!again.exclusions.contains { $0.cause == .leftOutByReader })
    }

    @Test func exactlyTheContoursAreMeasured() throws {
        let grid = own.geometry
        var labels = own
        // The first removed, a slice shaved off the second, the third split, and one drawn where nothing was found.
        let second = own.voxels.indices.filter { own.voxels[$0] == 2 }
        let top = try #require(second.map { grid.coordinates($0).k }.max())
        let third = own.voxels.indices.filter { own.voxels[$0] == 3 }
        let middle = third.map { grid.coordinates($0).k }.sorted()[third.count / 2]
        for n in labels.voxels.indices {
            switch own.voxels[n] {
            case 1: labels.voxels[n] = 0
            case 2: labels.voxels[n] = grid.coordinates(n).k == top ? 0 : 1
            case 3: labels.voxels[n] = grid.coordinates(n).k > middle ? 2 : 3
            default: break
            }
        }
        let soft = try #require(
            labels.voxels.indices.first {
                let c = grid.coordinates($0)
                return findings.labels.voxels[$0] == SegmentLabel.none && pair.low.voxels[$0] > 20
                    && c.i > 4 && c.j > 4 && c.k > 4 && c.k < grid.slices - 4
            })
        labels.voxels[soft] = 4
        let result = measured(labels, identities: ["1.2", "1.3", nil, nil])
        #expect(result.deposits.count == 4)
        for contour in 1...4 {
            #expect(
                try voxels(result, contour: contour) == labels.voxels.indices.filter { labels.voxels[$0] == contour })
        }
        let identities = result.deposits.reduce(into: [:]) { $0[$1.contour] = $1.identity }
        #expect(identities == [1: "1.2", 2: "1.3"])
        #expect(result.deposits.map(\.number) == [1, 2, 3, 4])
        // What the reader took away is told, and is nobody's deposit.
        let left = try #require(result.exclusions.first { $0.cause == .leftOutByReader })
        let removed = own.voxels.indices.filter { own.voxels[$0] != 0 && labels.voxels[$0] == 0 }
        #expect(left.count == 2)
        #expect(abs(left.volumeMm3 - Double(removed.count) * grid.voxelVolumeMm3) < 1e-6)
        #expect(removed.allSatisfy { result.labels.voxels[$0] == SegmentLabel.excluded })
        // Both halves of the third hold about its mass: each counts the blur towards the other once.
        let halves = result.deposits.filter { $0.contour == 2 || $0.contour == 3 }.map(\.hydroxyapatiteMassMg.value)
        let whole = findings.deposits[2].hydroxyapatiteMassMg.value
        #expect(abs(halves.reduce(0, +) / whole - 1) < 0.25, "\(halves) of \(whole)")
        // Its neighbour in another place is measured as before.
        #expect(result.totals?.count == result.deposits.count { $0.material == .hydroxyapatite })
    }

    @Test func aContourOnBoneTakesItsVoxelsFromBone() throws {
        var labels = Volume<UInt16>(geometry: own.geometry, repeating: 0)
        let bone = findings.labels.voxels.indices.filter { findings.labels.voxels[$0] == SegmentLabel.bone }
        for n in bone.prefix(40) { labels.voxels[n] = 1 }
        let result = measured(labels, identities: [nil])
        #expect(try voxels(result, contour: 1) == Array(bone.prefix(40)))
        #expect(result.deposits.first?.distanceToBoneMm == 0)
        #expect(result.labels.voxels.contains(SegmentLabel.bone))
    }

    @Test func aContourInTheAirHasNoMassAndEndsNothing() throws {
        var labels = Volume<UInt16>(geometry: own.geometry, repeating: 0)
        for n in 0..<20 { labels.voxels[n] = 1 }
        let result = measured(labels, identities: ["1.9"])
        let deposit = try #require(result.deposits.first)
        #expect(deposit.voxelCount == 20 && deposit.hydroxyapatiteMassMg.value.isFinite)
        #expect(deposit.hydroxyapatiteMassMg.low == 0 && deposit.volumeMm3.value.isFinite)
    }

    @Test func withoutAnyContourThereIsNoDeposit() throws {
        let result = measured(Volume(geometry: own.geometry, repeating: 0), identities: [])
        #expect(result.deposits.isEmpty && result.totals?.count == 0)
        #expect(result.exclusions.first { $0.cause == .leftOutByReader }?.count == 3)
        #expect(result.urate?.verdict == .negative)
    }
}
