import DualEnergyCT
import Testing

@Suite struct VolumeOperationTests {
    static let grids = [
        GridGeometry(columns: 9, rows: 7, slices: 6, columnSpacingMm: 0.4, rowSpacingMm: 0.4, sliceSpacingMm: 1.0),
        GridGeometry(columns: 5, rows: 12, slices: 3, columnSpacingMm: 0.7, rowSpacingMm: 0.3, sliceSpacingMm: 0.5),
        GridGeometry(columns: 20, rows: 1, slices: 4, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 0.6),
        GridGeometry(columns: 1, rows: 1, slices: 1, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 0.5),
        // Wider than what is worked on at once.
        GridGeometry(columns: 70, rows: 3, slices: 5, columnSpacingMm: 0.4, rowSpacingMm: 0.6, sliceSpacingMm: 0.5),
    ]

    static func randomMask(_ g: GridGeometry, seed: UInt64, share: Float) -> Volume<UInt8> {
        var generator = SplitMix(state: seed)
        return Volume(geometry: g, voxels: (0..<g.voxelCount).map { _ in generator.uniform() < share ? 1 : 0 })
    }

    static func squaredDistance(_ g: GridGeometry, _ a: Int, _ b: Int) -> Float {
        let d = g.gridPosition(a) - g.gridPosition(b)
        return (d * d).sum()
    }

    @Test(arguments: grids, [UInt64(1), 2, 3]) func distancesEqualTheNearestOfAllSetVoxels(
        g: GridGeometry, seed: UInt64
    ) {
        for (share, cap) in [(Float(0.03), 100.0), (0.3, 100.0), (0.03, 1.3), (0, 2.0)] {
            let mask = Self.randomMask(g, seed: seed, share: share)
            let set = mask.voxels.indices.filter { mask.voxels[$0] != 0 }
            let map = mask.distanceMap(capMm: cap)
            let plain = mask.squaredDistancesMm2(capMm: cap)
            for n in mask.voxels.indices {
                let nearest = set.map { Self.squaredDistance(g, n, $0) }.min() ?? .infinity
                let expected = min(nearest, Float(cap * cap))
                #expect(abs(map.squaredMm2.voxels[n] - expected) < 1e-4)
                #expect(plain.voxels[n] == map.squaredMm2.voxels[n])
                if nearest < Float(cap * cap) - 1e-4 {
                    let named = Int(map.nearest[n])
                    #expect(mask.voxels[named] != 0)
                    #expect(abs(Self.squaredDistance(g, n, named) - nearest) < 1e-4)
                } else if nearest > Float(cap * cap) + 1e-4 {
                    #expect(map.nearest[n] == -1)
                }
            }
        }
    }

    @Test(arguments: grids, ConnectedComponents.Connectivity.allCases)
    func componentsEqualAFlood(g: GridGeometry, connectivity: ConnectedComponents.Connectivity) {
        for seed in UInt64(1)...4 {
            let mask = Self.randomMask(g, seed: seed, share: seed < 3 ? 0.25 : 0.5)
            let result = ConnectedComponents(of: mask, connectivity: connectivity)
            let flood = Self.flood(mask, connectivity)
            #expect(result.components.count == Set(flood.filter { $0 > 0 }).count)
            // Both number components in the order of their first voxel.
            #expect(result.labels().voxels == flood)
            #expect(flood.indices.allSatisfy { result.number(at: $0) == Int(flood[$0]) })
            let odd = result.mask { $0 % 2 == 0 }.voxels
            #expect(odd == flood.map { $0 % 2 == 1 ? 1 : 0 })
            for (n, list) in result.voxelLists().enumerated() {
                #expect(list.count == result.components[n].voxelCount)
                #expect(list == flood.indices.filter { flood[$0] == Int32(n + 1) })
            }
        }
    }

    static func flood(_ mask: Volume<UInt8>, _ connectivity: ConnectedComponents.Connectivity) -> [Int32] {
        let g = mask.geometry
        var labels = [Int32](repeating: 0, count: mask.voxels.count)
        var count: Int32 = 0
        for start in mask.voxels.indices where mask.voxels[start] != 0 && labels[start] == 0 {
            count += 1
            labels[start] = count
            var stack = [start]
            while let n = stack.popLast() {
                let c = g.coordinates(n)
                for dk in -1...1 {
                    for dj in -1...1 {
                        for di in -1...1 {
                            let steps = abs(di) + abs(dj) + abs(dk)
                            if steps == 0 || (connectivity == .faces && steps > 1) { continue }
                            let (i, j, k) = (c.i + di, c.j + dj, c.k + dk)
                            guard i >= 0, j >= 0, k >= 0, i < g.columns, j < g.rows, k < g.slices else { continue }
                            let other = g.index(i, j, k)
                            if mask.voxels[other] != 0 && labels[other] == 0 {
                                labels[other] = count
                                stack.append(other)
                            }
                        }
                    }
                }
            }
        }
        return labels
    }

    @Test(arguments: grids, [0.3, 0.8, 2.5]) func theGaussianEqualsTheDirectSum(g: GridGeometry, sigma: Double) {
        var generator = SplitMix(state: 5)
        let volume = Volume(geometry: g, voxels: (0..<g.voxelCount).map { _ in 100 * generator.normal() })
        let smooth = volume.gaussianSmoothed(sigmaMm: sigma)
        func weight(_ step: Int, _ spacing: Double) -> Double {
            let s = sigma / spacing
            if abs(step) > Int((3 * s).rounded(.up)) { return 0 }
            func density(_ x: Double) -> Double { exponential(-x * x / (2 * s * s)) }
            return (density(Double(step) - 0.5) + 4 * density(Double(step)) + density(Double(step) + 0.5)) / 6
        }
        for n in volume.voxels.indices {
            let a = g.coordinates(n)
            var sum = 0.0
            var total = 0.0
            for m in volume.voxels.indices {
                let b = g.coordinates(m)
                let w =
                    weight(a.i - b.i, g.columnSpacingMm) * weight(a.j - b.j, g.rowSpacingMm)
                    * weight(a.k - b.k, g.sliceSpacingMm)
                sum += w * Double(volume.voxels[m])
                total += w
            }
            #expect(abs(Double(smooth.voxels[n]) - sum / total) < 1e-3)
        }
    }

    @Test func smoothingKeepsAConstant() {
        let g = GridGeometry(
            columns: 200, rows: 150, slices: 9, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 1)
        let smooth = Volume<Float>(geometry: g, repeating: 37).gaussianSmoothed(sigmaMm: 1.7)
        #expect(smooth.voxels.allSatisfy { abs($0 - 37) < 1e-3 })
    }

    @Test func theNthSmallestIsThatOfTheSortedValues() {
        var generator = SplitMix(state: 3)
        for count in [1, 2, 7, 400] {
            let values = (0..<count).map { _ in (8 * Double(generator.normal())).rounded() }
            let sorted = values.sorted()
            for n in values.indices { #expect(nthSmallest(n, of: values) == sorted[n]) }
        }
    }

    @Test func broadSmoothingEqualsTheGaussianWhereDetailIsCoarse() {
        let g = GridGeometry(
            columns: 61, rows: 50, slices: 43, columnSpacingMm: 0.4, rowSpacingMm: 0.5, sliceSpacingMm: 0.7)
        var generator = SplitMix(state: 5)
        var volume = Volume(geometry: g, voxels: (0..<g.voxelCount).map { _ in 30 * generator.normal() })
        volume.smooth(sigmaMm: 1.6)
        let expected = volume.gaussianSmoothed(sigmaMm: 4)
        var broad = volume
        broad.addBroadlySmoothed(sigmaMm: 4, times: 1)
        broad.add(volume, times: -1)
        var (inside, anywhere): (Float, Float) = (0, 0)
        for n in broad.voxels.indices {
            let c = g.coordinates(n)
            let difference = abs(broad.voxels[n] - expected.voxels[n])
            anywhere = max(anywhere, difference)
            // The last block of an axis is cut, so it says less about its place.
            if (10..<50).contains(c.i), (8..<42).contains(c.j), (6..<36).contains(c.k) {
                inside = max(inside, difference)
            }
        }
        let size = volume.voxels.reduce(0) { max($0, abs($1)) }
        #expect(inside < 0.015 * size)
        #expect(anywhere < 0.05 * size)
        var constant = Volume<Float>(geometry: g, repeating: 0.37)
        constant.addBroadlySmoothed(sigmaMm: 4, times: 2)
        #expect(constant.voxels.allSatisfy { abs($0 - 3 * 0.37) < 2e-5 })
    }

    @Test(arguments: grids) func theMaximumFilterEqualsTheLargestInTheBox(g: GridGeometry) {
        var generator = SplitMix(state: 11)
        let volume = Volume(geometry: g, voxels: (0..<g.voxelCount).map { _ in generator.normal() })
        let radius = 1.1
        let filtered = volume.maximumFiltered(radiusMm: radius)
        let reach = (
            Int((radius / g.columnSpacingMm).rounded()), Int((radius / g.rowSpacingMm).rounded()),
            Int((radius / g.sliceSpacingMm).rounded())
        )
        for n in volume.voxels.indices {
            let a = g.coordinates(n)
            let expected = volume.voxels.indices.filter { m in
                let b = g.coordinates(m)
                return abs(a.i - b.i) <= reach.0 && abs(a.j - b.j) <= reach.1 && abs(a.k - b.k) <= reach.2
            }.map { volume.voxels[$0] }.max()
            #expect(filtered.voxels[n] == expected)
        }
    }

    @Test func dilationAndErosionAreExactBallsOnAnisotropicVoxels() {
        let g = Self.grids[0]
        let mask = Self.randomMask(g, seed: 8, share: 0.1)
        let dilated = mask.dilated(byMm: 0.9)
        let eroded = mask.complement().eroded(byMm: 0.9)
        for n in mask.voxels.indices {
            let isNear = mask.voxels.indices.contains {
                mask.voxels[$0] != 0 && Self.squaredDistance(g, n, $0) <= 0.81
            }
            #expect(dilated.voxels[n] == (isNear ? 1 : 0))
            #expect(eroded.voxels[n] == (isNear ? 0 : 1))
        }
    }

    @Test func aClosedShellIsFilledAndAnOpenOneIsNot() {
        let g = GridGeometry(columns: 11, rows: 11, slices: 11, columnSpacingMm: 1, rowSpacingMm: 1, sliceSpacingMm: 1)
        var shell = Volume<UInt8>(geometry: g, repeating: 0)
        for n in shell.voxels.indices {
            let d = Shape.length(g.gridPosition(n) - SIMD3(5, 5, 5))
            if d > 2.5 && d < 4.2 { shell.voxels[n] = 1 }
        }
        #expect(shell.holesFilled()[5, 5, 5] == 1)
        for i in 5..<11 { shell[i, 5, 5] = 0 }
        #expect(shell.holesFilled()[5, 5, 5] == 0)
    }

    @Test func cavityDepthIsTheHeightOfTheLowestRim() {
        let g = GridGeometry(columns: 12, rows: 12, slices: 1, columnSpacingMm: 1, rowSpacingMm: 1, sliceSpacingMm: 1)
        var image = Volume<Float>(geometry: g, repeating: 0)
        for i in 3...8 { for j in 3...8 where i == 3 || i == 8 || j == 3 || j == 8 { image[i, j, 0] = 400 } }
        image[8, 5, 0] = 250
        var outlet = Volume<UInt8>(geometry: g, repeating: 0)
        outlet[0, 0, 0] = 1
        // Across the slice no plane but the first has an outlet.
        let depth = image.deepestCavities(outlet: outlet, range: -40...1600).first
        #expect(abs(depth[5, 5, 0] - 250) < 1)
        #expect(depth[8, 8, 0] == 0)
        #expect(depth[1, 5, 0] == 0)
        let closed = Volume<UInt8>(geometry: g, repeating: 0)
        #expect(image.deepestCavities(outlet: closed, range: -40...1600).first.voxels.allSatisfy { $0 == 0 })
    }
}
