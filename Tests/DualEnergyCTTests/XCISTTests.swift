import DualEnergyCT
import Testing

/// Rods in cylinders that GE's simulator scanned, its filters unknown to the core.
struct XCISTTests {
    private static let pairs = [("80", "140"), ("100", "Sn140"), ("80", "Sn140"), ("80", "Sn150")]

    private static func beam(_ name: String) -> BeamQuality {
        let tin = name.hasPrefix("Sn")
        let kilovolts = Double(tin ? String(name.dropFirst(2)) : name) ?? 0
        return .tube(kilovolts: kilovolts, tinMm: tin ? (kilovolts == 150 ? 0.6 : 0.4) : 0)
    }

    /// The cylinder's image on pixels of 1 mm, for the paths through it.
    private static func image(_ scan: XCISTCase, beam: String) -> Volume<Int16> {
        let size = Int(scan.diameterMm) + 10
        let g = GridGeometry(
            columns: size, rows: size, slices: 1, columnSpacingMm: 1, rowSpacingMm: 1, sliceSpacingMm: 6)
        var image = Volume<Int16>(geometry: g, repeating: -1000)
        let body = scan.rods.first?.hounsfield[beam]?.around ?? 0
        for j in 0..<size {
            for i in 0..<size {
                let (x, y) = (Double(i) - Double(size - 1) / 2, Double(size - 1) / 2 - Double(j))
                if x * x + y * y < scan.diameterMm * scan.diameterMm / 4 { image[i, j, 0] = Int16(body) }
                for rod in scan.rods {
                    let radius = rod.name == "cortex" ? 6.0 : rod.name == "marrow" ? 3.5 : 4
                    let (dx, dy) = (x - rod.xMm, y - rod.yMm)
                    if dx * dx + dy * dy < radius * radius { image[i, j, 0] = Int16(rod.hounsfield[beam]?.middle ?? 0) }
                }
            }
        }
        return image
    }

    private struct Scene {
        let scan: XCISTCase
        let low: String
        let high: String
        var paths: PathMap
        var uncertainty: CalibrationUncertainty

        init(_ scan: XCISTCase, _ low: String, _ high: String) {
            (self.scan, self.low, self.high) = (scan, low, high)
            paths = PathMap(
                of: (XCISTTests.image(scan, beam: low), XCISTTests.image(scan, beam: high)),
                tables: (ResponseTable(beam(low)), ResponseTable(beam(high))))
            uncertainty = .table(low: beam(low), high: beam(high))
        }

        private func place(_ rod: XCISTCase.Rod) -> (Int, Int) {
            let half = Double(Int(scan.diameterMm) + 9) / 2
            return (Int((rod.xMm + half).rounded()), Int((half - rod.yMm).rounded()))
        }

        func response(_ rod: XCISTCase.Rod) -> PairResponse {
            let (i, j) = place(rod)
            return paths.response(i, j, 0)
        }

        /// Excess over the tissue around, at low and at high energy.
        func excess(_ rod: XCISTCase.Rod) -> (low: Double, high: Double) {
            func difference(_ beam: String) -> Double {
                (rod.hounsfield[beam]?.middle ?? 0) - (rod.hounsfield[beam]?.around ?? 0)
            }
            return (difference(low), difference(high))
        }

        /// Density and its standard uncertainty by calibration, with 2 HU for the simulator's own artefacts.
        func density(_ rod: XCISTCase.Rod) -> (value: Double, deviation: Double) {
            let excess = excess(rod)
            let response = response(rod)
            let tissue = (rod.hounsfield[low]?.around ?? 0, rod.hounsfield[high]?.around ?? 0)
            let k = (
                response.low.hydroxyapatite(inTissueAt: tissue.0), response.high.hydroxyapatite(inTissueAt: tissue.1)
            )
            var value = excess.high / k.1
            var variance = 0.0
            for _ in 0..<3 {
                let (a, b) = (uncertainty.commonLow * value * k.0, uncertainty.commonHigh * value * k.1)
                let own = uncertainty.independent * value
                let (ll, hh, lh) = (4 + own * own * k.0 * k.0 + a * a, 4 + own * own * k.1 * k.1 + b * b, a * b)
                let determinant = ll * hh - lh * lh
                let (wl, wh) = ((hh * k.0 - lh * k.1) / determinant, (ll * k.1 - lh * k.0) / determinant)
                variance = 1 / (wl * k.0 + wh * k.1)
                value = variance * (wl * excess.low + wh * excess.high)
            }
            return (value, variance.squareRoot())
        }
    }

    private static func apatite(_ scan: XCISTCase) -> [(rod: XCISTCase.Rod, truth: Double)] {
        scan.rods.compactMap { rod in
            rod.name.hasPrefix("HA") ? Double(rod.name.dropFirst(2)).map { (rod, $0) } : nil
        }
    }

    /// Water cylinders of 5 to 30 cm and a cylinder of fat.
    @Test(arguments: XCISTCase.all.filter { !$0.name.hasPrefix("bone") }.map(\.name))
    func apatiteOfAnotherScannerLiesInTheIntervalOfTheTable(_ name: String) throws {
        let scan = try #require(XCISTCase.all.first { $0.name == name })
        for (low, high) in Self.pairs {
            let scene = Scene(scan, low, high)
            for (rod, truth) in Self.apatite(scan) {
                let found = scene.density(rod)
                #expect(
                    abs(found.value - truth) < 1.96 * found.deviation, "\(low)/\(high) \(truth): \(found)")
            }
        }
    }

    @Test(arguments: XCISTCase.all.filter { $0.name.hasPrefix("water") }.map(\.name))
    func urateAndApatiteOfAnotherScannerAreToldApart(_ name: String) throws {
        let scan = try #require(XCISTCase.all.first { $0.name == name })
        for (low, high) in Self.pairs {
            let scene = Scene(scan, low, high)
            for rod in scan.rods {
                let excess = scene.excess(rod)
                let rule = MaterialRatio(
                    response: scene.response(rod), noise: NoiseCovariance(low: 100, high: 100))
                let ratio = excess.low / excess.high
                if rod.name.hasPrefix("MSU") {
                    #expect(ratio > 1 && ratio < 1.06 && ratio < rule.boundary, "\(low)/\(high) \(rod.name): \(ratio)")
                } else {
                    #expect(ratio > rule.boundary, "\(low)/\(high) \(rod.name): \(ratio)")
                }
            }
        }
    }

    /// A bone of 12 mm beside the rods is all that the core has.
    @Test(arguments: [("100", "Sn140"), ("80", "Sn140"), ("80", "Sn150")])
    func boneOfAnotherScannerCalibratesWithinThreePercent(_ low: String, _ high: String) throws {
        let scan = try #require(XCISTCase.all.first { $0.name.hasPrefix("bone") })
        var scene = Scene(scan, low, high)
        let cortex = try #require(scan.rods.first { $0.name == "cortex" })
        let marrow = try #require(scan.rods.first { $0.name == "marrow" })
        func value(_ rod: XCISTCase.Rod, _ beam: String) -> Double { rod.hounsfield[beam]?.middle ?? 0 }
        let slope =
            (value(cortex, low) - value(marrow, low)) / (value(cortex, high) - value(marrow, high))
        let middle = (Int(scan.diameterMm) + 10) / 2
        let line = BoneLine(
            slope: slope, interceptHU: value(marrow, low) - slope * value(marrow, high), relativeDeviation: 0.002,
            path: scene.paths.path(middle, middle, 0), volumeMm3: 500)
        let bone = try #require(
            BoneCalibration.fit(
                line, low: Self.beam(low), high: Self.beam(high), behind: scene.paths.typicalPath))
        #expect(bone.contradiction < 2, "\(bone)")
        scene.paths = bone.applied(to: scene.paths, low: Self.beam(low), high: Self.beam(high))
        scene.uncertainty = bone.uncertainty
        let rods = Self.apatite(scan).filter { $0.truth >= 100 }
        var sum = 0.0
        for (rod, truth) in rods {
            let found = scene.density(rod)
            sum += abs(found.value / truth - 1)
            #expect(
                abs(found.value - truth) < 1.96 * found.deviation, "\(truth): \(found), \(bone.aluminiumMm) mm Al")
        }
        #expect(sum / Double(rods.count) < 0.03, "\(sum / Double(rods.count))")
    }
}
