import DualEnergyCT
import Foundation
import Phantom

/// One drawn scan of a water cylinder with a bone and three rods.
struct BoneScene {
    struct Rod {
        var xMm: Double
        var yMm: Double
        var radiusMm: Double
        var mgPerCm3: Double
    }

    /// Mean excess of a rod's middle over the water around it.
    struct Region {
        var low = 0.0
        var high = 0.0
        var around = 0
        var inside: [Int] = []
        var voxels: Int { inside.count }
    }

    let images: DualEnergyPair
    let rods: [Rod]
    let description: String
    private let bone: (xMm: Double, yMm: Double, radiusMm: Double)

    init(_ spectra: SpectrumPair, _ numbers: inout SeededNumbers, seed: UInt64) {
        var beams = spectra
        beams.filtration = TubeFiltration(
            aluminiumMm: numbers.uniform(3...9), titaniumMm: numbers.uniform(0...0.9))
        let diameter = numbers.uniform(55...110)
        let ring = 0.55 * diameter / 2
        let turn = numbers.uniform(0...6.28)
        rods = [50.0, 100, 200].enumerated().map { index, density in
            let angle = turn + Double(index + 1) * .pi / 2
            return Rod(xMm: ring * cos(angle), yMm: ring * sin(angle), radiusMm: 4, mgPerCm3: density)
        }
        bone = (ring * cos(turn), ring * sin(turn), numbers.uniform(4...7))
        let parts = Self.bone(bone, &numbers)
        let phantom = CylinderPhantom(
            diameterMm: diameter,
            rods: parts
                + rods.map {
                    let rod = Mixture.mineral(.hydroxyapatite, mgPerCm3: $0.mgPerCm3, in: Mixture(.water))
                    return ($0.xMm, $0.yMm, $0.radiusMm, rod)
                },
            scan: Self.scan(diameter, &numbers), seed: seed)
        let pair = phantom.simulate(pair: beams)
        func beam(_ spectrum: TubeSpectrum) -> BeamQuality {
            .tube(kilovolts: Double(spectrum.peakKilovoltage), tinMm: spectrum.tinMm)
        }
        images = DualEnergyPair(
            low: pair.low, high: pair.high, lowBeam: beam(spectra.low), highBeam: beam(spectra.high),
            sliceThicknessMm: 0.5, region: .other, laterality: .unknown)
        description = String(
            format: "%@ %.0f mm, %.1f mm Al %.2f mm Ti", spectra.description, diameter, beams.filtration.aluminiumMm,
            beams.filtration.titaniumMm)
    }

    private static func scan(_ diameterMm: Double, _ numbers: inout SeededNumbers) -> ScanParameters {
        var scan = ScanParameters()
        scan.pixelSpacingMm = 0.5
        scan.columns = Int((diameterMm + 20) / scan.pixelSpacingMm)
        scan.rows = scan.columns
        // Noise is measured with a margin of 6 slices on both sides.
        scan.slices = 18
        scan.sliceSpacingMm = 0.5
        scan.sliceThicknessMm = 0.5
        scan.noiseLowHU = numbers.uniform(6...15)
        scan.noiseHighHU = scan.noiseLowHU * numbers.uniform(0.7...1)
        return scan
    }

    /// Soft tissue, cortex and marrow about one another.
    private static func bone(
        _ bone: (xMm: Double, yMm: Double, radiusMm: Double), _ numbers: inout SeededNumbers
    ) -> [(xMm: Double, yMm: Double, radiusMm: Double, mixture: Mixture)] {
        func blend(_ a: Phantom.Material, _ b: Phantom.Material, _ share: Double) -> [(
            material: Phantom.Material, share: Double
        )] {
            [(a, 1 - share), (b, share)]
        }
        func scaled(_ parts: [(material: Phantom.Material, share: Double)], _ by: Double) -> [(
            material: Phantom.Material, share: Double
        )] {
            parts.map { ($0.material, by * $0.share) }
        }
        let around = blend(.muscle, .adipose, numbers.uniform(0...1))
        let marrow = blend(.redMarrow, .yellowMarrow, numbers.uniform(0.3...1))
        let mineral = numbers.uniform(0.31...0.375)
        let collagen = numbers.uniform(0.26...0.42)
        let dense: [(material: Phantom.Material, share: Double)] = [
            (.hydroxyapatite, mineral), (.collagen, collagen), (.water, 1 - mineral - collagen),
        ]
        let pores = numbers.uniform(0...0.12)
        let spongiosa = numbers.uniform(0...0.15)
        let thickness = numbers.uniform(1...3)
        return [
            (bone.xMm, bone.yMm, bone.radiusMm + 3, Mixture(around)),
            (bone.xMm, bone.yMm, bone.radiusMm, Mixture(scaled(dense, 1 - pores) + scaled(marrow, pores))),
            (
                bone.xMm, bone.yMm, bone.radiusMm - thickness,
                Mixture(scaled(dense, spongiosa) + scaled(marrow, 1 - spongiosa))
            ),
        ]
    }

    /// Every voxel within the bone's surface.
    var boneLabels: Volume<UInt8> {
        var labels = Volume<UInt8>(geometry: images.low.geometry, repeating: TissueLabel.none)
        forEachVoxel { i, j, k, x, y in
            if hypot(x - bone.xMm, y - bone.yMm) < bone.radiusMm + 0.5 { labels[i, j, k] = TissueLabel.bone }
        }
        return labels
    }

    /// 5 mm wide and long.
    func region(_ rod: Rod) -> Region {
        var region = Region()
        var water = (0.0, 0.0)
        let slices = images.low.geometry.slices / 2 - 5..<images.low.geometry.slices / 2 + 5
        forEachVoxel { i, j, k, x, y in
            guard slices.contains(k) else { return }
            let distance = hypot(x - rod.xMm, y - rod.yMm)
            let (l, h) = (Double(images.low[i, j, k]), Double(images.high[i, j, k]))
            if distance < 2.5 {
                region.low += l
                region.high += h
                region.inside.append(images.low.geometry.index(i, j, k))
            } else if (5.5...7.5).contains(distance) {
                water.0 += l
                water.1 += h
                region.around += 1
            }
        }
        region.low = region.low / Double(region.voxels) - water.0 / Double(region.around)
        region.high = region.high / Double(region.voxels) - water.1 / Double(region.around)
        return region
    }

    private func forEachVoxel(_ body: (Int, Int, Int, Double, Double) -> Void) {
        let g = images.low.geometry
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                for i in 0..<g.columns {
                    let p = g.position(Double(i), Double(j), Double(k))
                    body(i, j, k, p.x, p.y)
                }
            }
        }
    }
}
