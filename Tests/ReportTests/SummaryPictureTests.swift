import DICOM
import DualEnergyCT
import Foundation
import Report
import TestSupport
import Testing

struct SummaryPictureTests {
    @Test func theProjectionShowsTheHandFlatWithTheFingersUp() {
        let hand = MadeUpHand(spacingMm: (1, 1, 2))
        let projection = Projection(image: hand.image, labels: hand.labels)
        #expect(Double(projection.height) * projection.pixelHeightMm > 150)
        #expect((60...110).contains(Double(projection.width) * projection.pixelWidthMm))
        #expect(projection.topLetter == "H")
        #expect(projection.bottomLetter == "F")
        #expect(projection.leftLetter == "R")
        #expect(projection.rightLetter == "L")
        // Deposit 1 is at a fingertip, deposit 2 in the wrist.
        func meanRow(_ label: UInt16) -> Double {
            let rows = projection.labels.indices.filter { projection.labels[$0] == label }.map { $0 / projection.width }
            return Double(rows.reduce(0, +)) / Double(rows.count)
        }
        #expect(meanRow(SegmentLabel.firstDeposit) < meanRow(SegmentLabel.firstDeposit + 1))
    }

    @Test func aTurnedGridIsShownTheSameWay() {
        // Columns run to the patient's right and slices to the feet: without turning it would stand on its head.
        let hand = MadeUpHand(
            spacingMm: (1, 1, 2), rowDirection: PatientVector(-1, 0, 0), columnDirection: PatientVector(0, 1, 0))
        let projection = Projection(image: hand.image, labels: hand.labels)
        #expect(projection.topLetter == "H")
        #expect(projection.leftLetter == "R")
    }

    @Test func everyDepositLeavesItsColourOnThePage() throws {
        let folder = try TemporaryFolder("colours")
        let hand = MadeUpHand()
        let results = try writeResults(findings: hand.findings(), source: hand.source(), to: folder.path)
        let path = try #require(results.first { $0.kind == .summary }).path
        let page = try DataSet(contentsOf: path)
        #expect(page.integer(.rows) == 1024)
        #expect(page.integer(.columns) == 1024)
        #expect(page.string(.photometricInterpretation) == "RGB")
        #expect(page.string(.burnedInAnnotation) == "NO")
        let pixels = try #require(page.bytes(.pixelData))
        func share(_ isColour: (UInt8, UInt8, UInt8) -> Bool) -> Int {
            stride(from: 0, to: pixels.count - 2, by: 3).count { isColour(pixels[$0], pixels[$0 + 1], pixels[$0 + 2]) }
        }
        #expect(share { r, g, b in r > 200 && (100...180).contains(g) && b < 70 } > 400)
        #expect(share { r, g, b in r < 40 && g > 150 && (100...170).contains(b) } > 60)
    }

    @Test(arguments: [Laterality.right, .both], ReportLanguage.allCases)
    func thePageIsWrittenForEverySideAndLanguage(laterality: Laterality, language: ReportLanguage) throws {
        let folder = try TemporaryFolder("page-\(laterality)-\(language)")
        let hand = MadeUpHand(spacingMm: (1, 1, 1.5))
        let results = try writeResults(
            findings: hand.findings(), source: hand.source(laterality: laterality, language: language),
            to: folder.path)
        let png = try #require(results.first { $0.kind == .summaryPNG }).path
        let bytes = try Data(contentsOf: URL(fileURLWithPath: png))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(bytes.count > 50_000)
    }

    // MARK: - Parts

    @Test func aHandWithTheFingersToTheFeetIsTurnedSoThatTheyPointUp() throws {
        let hand = MadeUpHand(spacingMm: (1, 1, 2), columnDirection: PatientVector(0, -1, 0))
        let place = Place(region: .hand, laterality: .right)
        let part = try #require(ImagePart.parts(image: hand.image, labels: hand.labels, place: place).first)
        #expect(part.isUpsideDown)
        let projection = Projection(image: hand.image, labels: hand.labels, part: part)
        #expect(projection.topLetter == "F")
        #expect(projection.leftLetter == "L")
        // A knee stays as it lies.
        let knee = ImagePart.parts(
            image: hand.image, labels: hand.labels, place: Place(region: .knee, laterality: .right))
        #expect(knee.map(\.isUpsideDown) == [false])
    }

    @Test func twoHandsHaveAPictureEachTheRightOneFirst() throws {
        let hands = MadeUpHand(spacingMm: (1, 1, 2)).withMirrorImage()
        let parts = ImagePart.parts(
            image: hands.image, labels: hands.labels, place: Place(region: .hand, laterality: .both))
        #expect(parts.map(\.side) == [.right, .left])
        let middle = hands.geometry.columns / 2
        #expect(parts[0].box.columns.upperBound <= middle + 1)
        #expect(parts[1].box.columns.lowerBound >= middle - 1)
    }

    @Test func oneHandIsNotCutInTwoThoughTheHeaderSaysBoth() {
        let hand = MadeUpHand(spacingMm: (1, 1, 2))
        let parts = ImagePart.parts(
            image: hand.image, labels: hand.labels, place: Place(region: .hand, laterality: .both))
        #expect(parts.count == 1)
        #expect(parts[0].side == nil)
    }

    @Test func whereTheCoreNamesAnotherSideThePictureNamesNone() throws {
        let hands = MadeUpHand(spacingMm: (1, 1, 2)).withMirrorImage()
        var deposits = hands.findings().deposits
        for index in deposits.indices { deposits[index].place = DepositPlace(side: .left) }
        let parts = ImagePart.parts(
            image: hands.image, labels: hands.labels, place: Place(region: .hand, laterality: .both),
            deposits: deposits)
        #expect(parts.map(\.side) == [nil, nil])
    }

    // MARK: - Radiograph

    @Test func theRadiographAddsUpWaterAndLosesTheDepositAndNothingElse() throws {
        let grid = GridGeometry(
            columns: 60, rows: 40, slices: 50, columnSpacingMm: 1, rowSpacingMm: 1, sliceSpacingMm: 1.5)
        var image = Volume<Int16>(geometry: grid, repeating: -1000)
        var labels = Volume<UInt16>(geometry: grid, repeating: SegmentLabel.none)
        // 20 mm of water from front to back, with a cube of 6 mm of 1000 HU in it.
        for k in 0..<50 {
            for j in 10..<30 {
                for i in 5..<55 {
                    let isDeposit = (27..<33).contains(i) && (17..<23).contains(j) && (20..<24).contains(k)
                    image[i, j, k] = isDeposit ? 1000 : 0
                    if isDeposit { labels[i, j, k] = SegmentLabel.firstDeposit }
                }
            }
        }
        let part = ImagePart(
            box: VoxelBox(columns: 0..<60, rows: 0..<40, slices: 0..<50), side: nil)
        let radiograph = Radiograph(image: image, labels: labels, part: part, isHand: false)
        #expect(radiograph.letters == ("R", "L", "H", "F"))
        let without = try #require(radiograph.withoutDeposits)
        func at(_ values: [Double], _ x: Double, _ z: Double) -> Double {
            let column = Int(x / radiograph.pixelMm)
            let row = Int((49 * 1.5 - z) / radiograph.pixelMm)
            return values[row * radiograph.width + column]
        }
        #expect(abs(at(radiograph.asScanned, 15, 33) - 20) < 1)
        #expect(abs(at(radiograph.asScanned, 29.5, 32.25) - 26) < 1)
        #expect(abs(at(without, 29.5, 32.25) - 20) < 1)
        #expect(at(without, 15, 33) == at(radiograph.asScanned, 15, 33))
        #expect(at(radiograph.asScanned, 1, 33) == 0)
    }

    @Test func aHandIsSeenFromItsBackAndWhereThePalmIsUnknownFromTheFront() {
        let hand = MadeUpHand(spacingMm: (1, 1, 2))
        let part = ImagePart.all(image: hand.image, labels: hand.labels)
        func radiograph(_ volar: PatientVector?, isHand: Bool = true) -> Radiograph {
            Radiograph(image: hand.image, labels: hand.labels, part: part, isHand: isHand, volar: volar)
        }
        let front = radiograph(nil)
        #expect(!front.isPosteroAnterior && front.letters == ("R", "L", "H", "F"))
        // The palm at the patient's back: the front is the back of the hand.
        let same = radiograph(PatientVector(0, 1, 0))
        #expect(same.isPosteroAnterior && same.letters == ("R", "L", "H", "F"))
        let turned = radiograph(PatientVector(0, -1, 0))
        #expect(turned.isPosteroAnterior && turned.letters == ("L", "R", "H", "F"))
        // The mirror image, but for the pixels of the edges, whose centres lie half a pixel apart.
        func meanDifference(_ isMirrored: Bool) -> Double {
            let sum = front.asScanned.indices.reduce(0) { sum, index in
                let (row, column) = (index / front.width, index % front.width)
                let other = row * front.width + (isMirrored ? front.width - 1 - column : column)
                return sum + abs(front.asScanned[index] - turned.asScanned[other])
            }
            return sum / Double(front.asScanned.count)
        }
        #expect(meanDifference(true) < 0.5 * meanDifference(false))
        #expect(!radiograph(PatientVector(1, 0, 0)).isPosteroAnterior, "a palm seen from its edge")
        #expect(!radiograph(PatientVector(0, -1, 0), isHand: false).isPosteroAnterior)
    }

    // MARK: - Pages

    private func pixels(_ result: WrittenResult) throws -> [UInt8] {
        try #require(DataSet(contentsOf: result.path).bytes(.pixelData))
    }

    private func isCalcinosis(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> Bool {
        r > 200 && (100...180).contains(g) && b < 70
    }

    @Test func aKeyPictureOutlinesTheDepositInEachOfItsPlanes() throws {
        let folder = try TemporaryFolder("keys")
        let hand = MadeUpHand(
            spacingMm: (0.7, 0.9, 1.6), rowDirection: PatientVector(0.8, 0.6, 0),
            columnDirection: PatientVector(-0.36, 0.48, 0.8))
        let results = try writeResults(findings: hand.findings(), source: hand.source(), to: folder.path)
        let page = try pixels(results.filter { $0.kind == .summary }[1])
        for row in 0..<3 {
            for column in 0..<3 {
                // Around the middle of the panel, where the deposit is.
                let (x, y) = (180 + 330 * column, 266 + 289 * row)
                var count = 0
                for j in (y - 60)..<(y + 60) {
                    for i in (x - 60)..<(x + 60) {
                        let at = 3 * (j * 1024 + i)
                        if isCalcinosis(page[at], page[at + 1], page[at + 2]) { count += 1 }
                    }
                }
                #expect(count > 60, "panel \(row), \(column)")
            }
        }
    }

    @Test func theIdentityStandsOnThePixelsOnlyWhereTheSiteAsksForIt() throws {
        let folders = try [TemporaryFolder("plain"), TemporaryFolder("named")]
        let hand = MadeUpHand(spacingMm: (1.5, 1.5, 2))
        var named = hand.source()
        named.identityOnPictures = true
        let plain = try writeResults(findings: hand.findings(), source: hand.source(), to: folders[0].path)
        let results = try writeResults(findings: hand.findings(), source: named, to: folders[1].path)
        for (with, without) in zip(results, plain) where with.kind == .summary {
            #expect(try OutsideReaders.faults(with.path) == [])
            #expect(try DataSet(contentsOf: with.path).string(.burnedInAnnotation) == "YES")
            #expect(try DataSet(contentsOf: without.path).string(.burnedInAnnotation) == "NO")
            #expect(try pixels(with) != pixels(without))
            #expect(with.instance?.sopInstanceUID != without.instance?.sopInstanceUID)
        }
    }

    /// Every variant as it is read; a folder named by APATITE_ARTEFACTS keeps the pictures for who wants to look.
    @Test(arguments: ["none", "both", "french", "unfit", "identity", "trunk", "urate", "full"])
    func everyVariantMakesPagesOfOneSizeAndNumber(variant: String) throws {
        let folder = try TemporaryFolder("variant-\(variant)")
        var hand = MadeUpHand(
            spacingMm: (0.8, 0.8, 1.2), hasDeposits: variant != "none", hasOtherMineral: variant == "full")
        if variant == "both" { hand = hand.withMirrorImage() }
        var source = hand.source(
            laterality: variant == "both" ? .both : .left, language: variant == "french" ? .french : .english)
        source.identityOnPictures = variant == "identity"
        if variant == "full" { source = hand.fullSource() }
        if variant == "trunk" { (source.region, source.laterality) = (.pelvis, .unknown) }
        let reasons = [Trust.Reason(kind: .motion, measured: 1.9, limit: 0.8, unit: "mm")]
        let findings =
            switch variant {
            case "unfit": hand.findings(status: .notAnalysable, reasons: reasons)
            case "full": hand.fullFindings()
            default: hand.findings()
            }
        let results = try writeResults(findings: findings, source: source, to: folder.path)
        let pages = results.filter { $0.kind == .summary }
        let expected = ["none": 2, "both": 6, "unfit": 1, "full": 10][variant] ?? 5
        #expect(pages.count == expected)
        for (index, page) in pages.enumerated() {
            #expect(try OutsideReaders.faults(page.path) == [])
            let object = try DataSet(contentsOf: page.path, untilPixelData: true)
            #expect(object.integer(.instanceNumber) == index + 1)
            #expect((object.integer(.rows), object.integer(.columns)) == (1024, 1024))
        }
        #expect(Set(pages.map(\.seriesInstanceUID)).count == 1)
        guard let keep = ProcessInfo.processInfo.environment["APATITE_ARTEFACTS"] else { return }
        try FileManager.default.createDirectory(atPath: keep, withIntermediateDirectories: true)
        for result in results where result.kind == .summaryPNG || result.kind == .page {
            let target = "\(keep)/\(variant)-\((result.path as NSString).lastPathComponent)"
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: result.path, toPath: target)
        }
    }
}
