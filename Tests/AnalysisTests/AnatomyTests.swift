import DualEnergyCT
import Foundation
import Phantom
import Report
import Testing

/// Side, digits and places in whole simulated hands.
@Suite struct AnatomyTests {
    /// A hand scanned coarsely, analysed with what a header might say of its side.
    private func findings(
        _ side: HandParameters.Side, seed: UInt64, laterality: Laterality
    ) throws -> (findings: Findings, truth: PhantomTruth, image: Volume<Int16>) {
        var parameters = HandParameters()
        parameters.side = side
        parameters.acroOsteolysis = 0.5
        return try findings(parameters, seed: seed, laterality: laterality)
    }

    private func findings(
        _ parameters: HandParameters, seed: UInt64, laterality: Laterality
    ) throws -> (findings: Findings, truth: PhantomTruth, image: Volume<Int16>) {
        var scan = ScanParameters()
        (scan.columns, scan.rows, scan.pixelSpacingMm) = (400, 400, 0.5)
        (scan.slices, scan.sliceSpacingMm, scan.sliceThicknessMm) = (200, 1, 1)
        let pair = try #require(SpectrumPair("80/Sn150"))
        let phantom = HandPhantom(parameters, scan: scan, seed: seed)
        let images = phantom.simulate(mode: .quick, pair: pair)
        let found = analyse(
            DualEnergyPair(
                low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
                highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 1, region: .hand,
                laterality: laterality))
        return (found, phantom.truth(mode: .quick, pair: pair), images.low)
    }

    /// Whether the radiograph shows the thumb to the viewer's left, as of a right hand seen from its back.
    private func thumbIsAtTheLeft(
        _ found: Findings, _ truth: PhantomTruth, _ image: Volume<Int16>
    ) throws -> Bool {
        let palm = try #require(found.palms.first)
        let radiograph = Radiograph(
            image: image, labels: found.labels, part: ImagePart.all(image: image, labels: found.labels), isHand: true,
            volar: palm.volar)
        #expect(radiograph.isPosteroAnterior)
        #expect(["R", "L"].contains(radiograph.letters.left))
        func leftness(_ digits: ClosedRange<Int>) throws -> Double {
            let places = truth.deposits.filter { $0.digit.map(digits.contains) ?? false }.map { $0.centreMm[0] }
            try #require(!places.isEmpty)
            let mean = places.reduce(0, +) / Double(places.count)
            return radiograph.letters.left == "L" ? mean : -mean
        }
        return try leftness(1...1) > leftness(2...5)
    }

    @Test func eachDepositIsInItsDigitAndOnItsSide() throws {
        let (found, truth, image) = try findings(.left, seed: 51, laterality: .unknown)
        var (compared, unnamed) = (0, 0)
        for deposit in found.deposits {
            let nearest = try #require(
                truth.deposits.min { $0.distance(to: deposit.centre) < $1.distance(to: deposit.centre) })
            guard nearest.distance(to: deposit.centre) < 3 else { continue }
            let place = try #require(deposit.place)
            #expect(place.side == .left)
            if let digit = nearest.digit {
                // A digit may stay unnamed, as deep in the thumb's ball beside the wrist; never is it another.
                if let named = place.digit {
                    #expect(named.rawValue == digit, "\(place) at \(deposit.centre)")
                } else {
                    unnamed += 1
                }
                compared += 1
            } else {
                #expect([nil, .metacarpal].contains(place.segment))
            }
            if nearest.compartment == .fingertipFatPad, nearest.equivalentDiameterMm > 2 {
                #expect(place.segment == .distal)
                #expect(place.compartment == .fingertipFatPad)
            }
        }
        #expect(compared >= 5)
        #expect(unnamed <= 1)
        let whole = try #require(found.regions.first { $0.side == .left && $0.digit == nil })
        #expect(whole.totals.count == found.totals?.count)
        #expect(found.regions.compactMap(\.digit) == Digit.allCases)
        #expect(found.boneDensity.first?.side == .left)
        #expect(found.palms.map(\.side) == [.left])
        #expect(try !thumbIsAtTheLeft(found, truth, image))
    }

    /// Balls of 3 to 5 mm; of two in one digit the deeper counts.
    @Test(arguments: [61, 62] as [UInt64]) func erosionsAreFlaggedInTheirDigits(seed: UInt64) throws {
        var parameters = HandParameters()
        parameters.erosionCount = 4
        parameters.erosionDiametersMm = 3...5
        let (found, truth, _) = try findings(parameters, seed: seed, laterality: .right)
        let erosions = try #require(truth.erosions)
        #expect(erosions.count == 4)
        let flags = try #require(found.boneFlags).filter { $0.kind == .erosion }
        #expect(flags.compactMap(\.digit) == Digit.allCases)
        for flag in flags {
            let largest = erosions.filter { $0.digit == flag.digit?.rawValue }.map(\.diameterMm).max()
            #expect(flag.state == (largest == nil ? .notFlagged : .flagged), "\(flag), \(erosions)")
            #expect(flag.side == .right)
        }
    }

    /// With deposits on bone and shortened tips.
    @Test(arguments: [63, 64] as [UInt64]) func soundHandsHaveNoErosions(seed: UInt64) throws {
        var parameters = HandParameters()
        parameters.acroOsteolysis = 0.6
        let (found, truth, _) = try findings(parameters, seed: seed, laterality: .right)
        #expect(truth.erosions == nil)
        let touches = truth.deposits.contains { $0.touchesBone }
        #expect(touches)
        let flags = try #require(found.boneFlags).filter { $0.kind == .erosion }
        #expect(!flags.contains { $0.state == .flagged }, "\(flags)")
        #expect(flags.contains { $0.state == .notFlagged })
    }

    @Test func aHeaderThatNamesTheOtherSideIsNotBelievedNorOverruled() throws {
        let (found, truth, image) = try findings(.right, seed: 52, laterality: .left)
        #expect(found.trust.reasons.contains { $0.kind == .side })
        #expect(found.deposits.allSatisfy { $0.place?.side == nil })
        // The radiograph hangs by what the images show.
        #expect(found.palms.map(\.side) == [nil])
        #expect(try thumbIsAtTheLeft(found, truth, image))
    }
}

extension PhantomTruth.Deposit {
    fileprivate func distance(to point: PatientVector) -> Double {
        (PatientVector(centreMm[0], centreMm[1], centreMm[2]) - point).length
    }
}
