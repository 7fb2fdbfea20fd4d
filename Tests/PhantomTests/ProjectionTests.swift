import DualEnergyCT
import Phantom
import Testing

/// The forward model and the reconstruction, on cylinders of water with rods.
@Suite struct ProjectionTests {
    private static func scan(fieldMm: Double, noiseHU: Double = 0) -> ScanParameters {
        var scan = ScanParameters()
        scan.pixelSpacingMm = 0.5
        scan.columns = Int(fieldMm / scan.pixelSpacingMm)
        scan.rows = scan.columns
        scan.slices = 1
        scan.noiseLowHU = noiseHU
        scan.noiseHighHU = noiseHU
        return scan
    }

    /// Mean and standard deviation of a disc, in HU; the disc's place in mm from the centre.
    private static func disc(
        _ volume: Volume<Int16>, xMm: Double, yMm: Double, radiusMm: Double
    ) -> (mean: Double, deviation: Double) {
        let g = volume.geometry
        var values: [Double] = []
        for j in 0..<g.rows {
            for i in 0..<g.columns {
                let p = g.position(Double(i), Double(j), 0)
                let (dx, dy) = (p.x - xMm, p.y - yMm)
                if dx * dx + dy * dy < radiusMm * radiusMm { values.append(Double(volume[i, j, 0])) }
            }
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(values.count - 1)).squareRoot())
    }

    @Test(arguments: [60.0, 120.0]) func waterIsFlatAfterCorrection(_ diameter: Double) throws {
        let pair = try #require(SpectrumPair("80/Sn150"))
        let images = CylinderPhantom(diameterMm: diameter, scan: Self.scan(fieldMm: diameter + 20)).simulate(pair: pair)
        for volume in [images.low, images.high] {
            #expect(abs(Self.disc(volume, xMm: 0, yMm: 0, radiusMm: 8).mean) < 4)
            let edge = Self.disc(volume, xMm: 0.5 * diameter - 8, yMm: 0, radiusMm: 4)
            #expect(abs(edge.mean) < 4)
            #expect(abs(Self.disc(volume, xMm: 0.5 * diameter + 5, yMm: 0, radiusMm: 2).mean + 1000) < 12)
        }
    }

    /// HU per mg/cm3 and the ratio of two spectra as another simulator, GE's XCIST with 3 mm Al and a bowtie, gives
    /// them. Its filters differ from ours (0.9 mm Ti), hence the width of the limits.
    @Test(arguments: [
        ("80/140", 60.0, 2.14, 1.53), ("80/Sn140", 60.0, 2.14, 2.15), ("80/Sn150", 120.0, 2.00, 2.23),
    ])
    func apatiteRodsReadAsInAnotherSimulator(
        _ name: String, _ diameter: Double, _ slope: Double, _ ratio: Double
    ) throws {
        let pair = try #require(SpectrumPair(name))
        let rod = (
            xMm: 0.25 * diameter, yMm: 0.0, radiusMm: 5.0,
            mixture: Mixture.mineral(.hydroxyapatite, mgPerCm3: 200, in: Mixture(.water))
        )
        let phantom = CylinderPhantom(diameterMm: diameter, rods: [rod], scan: Self.scan(fieldMm: diameter + 20))
        let images = phantom.simulate(pair: pair)
        let low = Self.disc(images.low, xMm: 0.25 * diameter, yMm: 0, radiusMm: 3).mean
        let high = Self.disc(images.high, xMm: 0.25 * diameter, yMm: 0, radiusMm: 3).mean
        #expect(abs(low / 200 - slope) < 0.06 * slope, "slope \(low / 200)")
        #expect(abs(low / high - ratio) < 0.05 * ratio, "ratio \(low / high)")
    }

    @Test func urateHasNearlyTheSameNumberAtBothEnergies() throws {
        let pair = try #require(SpectrumPair("80/Sn150"))
        let rod = (
            xMm: 15.0, yMm: 0.0, radiusMm: 6.0, mixture: Mixture([(.monosodiumUrate, 0.4), (.muscle, 0.6)])
        )
        let images = CylinderPhantom(diameterMm: 60, rods: [rod], scan: Self.scan(fieldMm: 80)).simulate(pair: pair)
        let low = Self.disc(images.low, xMm: 15, yMm: 0, radiusMm: 3.5).mean - 46
        let high = Self.disc(images.high, xMm: 15, yMm: 0, radiusMm: 3.5).mean - 41
        #expect((0.98...1.08).contains(low / high), "\(low / high)")
    }

    @Test func noiseIsAsAskedForAndHasTheGrainOfTheKernel() throws {
        let pair = try #require(SpectrumPair("80/Sn150"))
        let images = CylinderPhantom(diameterMm: 40, scan: Self.scan(fieldMm: 60, noiseHU: 12)).simulate(pair: pair)
        for volume in [images.low, images.high] {
            let noise = Self.disc(volume, xMm: 0, yMm: 0, radiusMm: 12)
            #expect((9.5...14.5).contains(noise.deviation), "\(noise.deviation)")
            // Neighbours go together, and the sum over a wide disc is far quieter than white noise would be.
            let g = volume.geometry
            var (product, square) = (0.0, 0.0)
            for j in (g.rows / 2 - 16)..<(g.rows / 2 + 16) {
                for i in (g.columns / 2 - 16)..<(g.columns / 2 + 16) {
                    let a = Double(volume[i, j, 0]) - noise.mean
                    product += a * (Double(volume[i + 1, j, 0]) - noise.mean)
                    square += a * a
                }
            }
            #expect((0.15...0.9).contains(product / square), "\(product / square)")
        }
        let (low, high) = (images.low, images.high)
        var (product, squareLow, squareHigh) = (0.0, 0.0, 0.0)
        for at in low.voxels.indices where low.voxels[at] > -60 && high.voxels[at] > -60 {
            product += Double(low.voxels[at]) * Double(high.voxels[at])
            squareLow += Double(low.voxels[at]) * Double(low.voxels[at])
            squareHigh += Double(high.voxels[at]) * Double(high.voxels[at])
        }
        #expect(abs(product / (squareLow * squareHigh).squareRoot()) < 0.15, "the tubes' noises are independent")
    }
}
