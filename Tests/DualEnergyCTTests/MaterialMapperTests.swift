import DualEnergyCT
import Testing

/// A cylinder of 58 mm of fat and muscle side by side with two balls of mineral: no bone, no skin, no hand. Rays pass
/// 5 cm of it on average, the depth that the CT numbers of `Matter` are for.
private struct Lump {
    let pair: DualEnergyPair
    static let inMuscle = SIMD3<Float>(20, 32, 12)
    static let inFat = SIMD3<Float>(44, 32, 12)

    init(spacingMm: Double = 0.5, slices: Int = 48, noise: Float = 12, densities: (Float, Float) = (200, 200)) {
        let size = Int(64 / spacingMm)
        var scene = SyntheticScene(
            columns: size, rows: size, slices: slices, spacingMm: spacingMm, sliceSpacingMm: 0.5)
        let axis = SIMD3<Float>(32, 32, 0)
        func cylinder(_ p: SIMD3<Float>) -> Float { Shape.length(SIMD3(p.x - axis.x, p.y - axis.y, 0)) - 29 }
        scene.paint(.muscle, where: cylinder)
        scene.paint(.fat) { max(cylinder($0), axis.x - $0.x) }
        scene.paint(Matter.muscle.with(hydroxyapatite: densities.0), where: Shape.ball(Self.inMuscle, 3))
        scene.paint(Matter.fat.with(hydroxyapatite: densities.1), where: Shape.ball(Self.inFat, 3))
        let images = scene.images(seed: 5, noiseLow: noise, noiseHigh: noise)
        pair = DualEnergyPair(
            low: images.low, high: images.high, lowBeam: .tube(kilovolts: 80, tinMm: 0),
            highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 0.5, region: .other, laterality: .unknown)
    }

    /// Mean of a map of all slices over a ball, in the map's unit.
    func mean(_ map: [Float], _ centre: SIMD3<Float>, radius: Float) -> Double {
        let g = pair.low.geometry
        var (sum, count) = (0.0, 0)
        for n in map.indices where Shape.length(g.gridPosition(n) - centre) < radius {
            sum += Double(map[n])
            count += 1
        }
        return sum / Double(count)
    }
}

struct MaterialMapperTests {
    private static let all: [MaterialMap] = [
        .hydroxyapatite, .deviation(of: .hydroxyapatite), .virtualNonCalcium, .fatFraction, .waterFraction, .urate,
        .monoenergetic(keV: 70), .electronDensity, .effectiveAtomicNumber, .freeHydroxyapatite,
        .deviation(of: .urate), .deviation(of: .virtualNonCalcium),
    ]

    @Test func theDeviationOfAMapThatKeepsEdgesIsTheScatterOfItsVoxels() throws {
        let lump = Lump(spacingMm: 0.5, slices: 40, noise: 12)
        var options = DecompositionOptions()
        options.keepsEdges = true
        let maps: [MaterialMap] = [.freeHydroxyapatite, .deviation(of: .freeHydroxyapatite)]
        let raw = MaterialMapper(pair: lump.pair).slab(8..<32, maps)
        let kept = MaterialMapper(pair: lump.pair, options: options).slab(8..<32, maps)
        let g = lump.pair.low.geometry
        func spread(_ values: [Float], _ centre: SIMD3<Float>) -> (scatter: Double, rootMeanSquare: Double) {
            let inside = values.indices.filter {
                Shape.length(g.gridPosition($0 + 8 * g.columns * g.rows) - centre) < 4
            }
            let sum = inside.reduce(0.0) { $0 + Double(values[$1]) }
            let squares = inside.reduce(0.0) { $0 + Double(values[$1] * values[$1]) }
            let count = Double(inside.count)
            return (((squares - sum * sum / count) / (count - 1)).squareRoot(), (squares / count).squareRoot())
        }
        for centre in [SIMD3<Float>(18, 22, 10), SIMD3<Float>(46, 42, 10)] {
            let before = spread(try #require(raw[maps[0]]), centre).scatter
            let after = spread(try #require(kept[maps[0]]), centre).scatter
            let stated = spread(try #require(kept[maps[1]]), centre).rootMeanSquare
            #expect(after < 0.5 * before)
            // The mean's noise reaches over several voxels, which leaves few independent ones.
            #expect(stated > 0.8 * after && stated < 1.3 * after, "\(stated) for \(after)")
        }
        // A piece of a scan has the maps that it has in the whole: nothing is known here of the rest but the noise.
        let streamed = try Self.streamed(lump.pair, maps, options)
        let whole = try #require(kept[maps[0]])
        #expect(streamed.count == whole.count)
        #expect(zip(streamed, whole).allSatisfy { abs($0 - $1) < 1 })
    }

    private static func streamed(
        _ pair: DualEnergyPair, _ maps: [MaterialMap], _ options: DecompositionOptions
    ) throws -> [Float] {
        var result: [Float] = []
        let g = pair.low.geometry
        MaterialMapper.stream(g, 8..<32, maps, options: options) { slices in
            let box = VoxelBox(columns: 0..<g.columns, rows: 0..<g.rows, slices: slices)
            var part = pair
            (part.low, part.high) = (pair.low.cropped(to: box), pair.high.cropped(to: box))
            return part
        } write: { _, values in
            result += values[0].prefix(values[0].count)
        }
        return result
    }

    /// A slab of each tissue and the middle of a ball of mineral, where nothing but noise makes voxels differ.
    @Test(arguments: [
        MaterialMap.fatFraction, .waterFraction, .freeHydroxyapatite, .monoenergetic(keV: 40),
        .monoenergetic(keV: 140), .electronDensity, .effectiveAtomicNumber, .virtualNonCalcium, .hydroxyapatite, .urate,
    ])
    func theDeviationOfEachMapIsTheScatterOfItsVoxels(_ map: MaterialMap) throws {
        let lump = Lump(spacingMm: 0.5, slices: 40, noise: 8)
        let mapper = MaterialMapper(pair: lump.pair)
        let maps = mapper.slab(8..<32, [map, .deviation(of: map)])
        let (values, deviations) = (try #require(maps[map]), try #require(maps[.deviation(of: map)]))
        let g = lump.pair.low.geometry
        let first = 8 * g.columns * g.rows
        // The constrained solutions state the local tissue's part too, which is no scatter.
        let most: Double = map == .hydroxyapatite || map == .urate ? 2 : 1.04
        for (centre, radius) in [
            (SIMD3<Float>(18, 22, 10), Float(4)), (SIMD3<Float>(46, 42, 10), 4), (Lump.inMuscle, 1.4),
        ] {
            var (sum, squares, stated, count) = (0.0, 0.0, 0.0, 0.0)
            for n in values.indices where Shape.length(g.gridPosition(n + first) - centre) < radius {
                let (value, deviation) = (Double(values[n]), Double(deviations[n]))
                sum += value
                squares += value * value
                stated += deviation * deviation
                count += 1
            }
            let scatter = ((squares - sum * sum / count) / (count - 1)).squareRoot()
            let ratio = (stated / count).squareRoot() / scatter
            let chance = 3 / (2 * count).squareRoot()
            #expect(
                ratio > 0.96 - chance && ratio < most + chance,
                "\(map) at \(centre): \(ratio) of \(scatter), \(count) voxels")
        }
        // Air.
        #expect(deviations[0] == 0)
    }

    @Test
    func mapsOfALumpOfFatAndMuscleShowWhatIsInIt() throws {
        let lump = Lump()
        let mapper = MaterialMapper(pair: lump.pair, options: DecompositionOptions())
        let maps = mapper.slab(0..<48, Self.all)
        func mean(_ map: MaterialMap, _ centre: SIMD3<Float>, radius: Float = 2) throws -> Double {
            lump.mean(try #require(maps[map]), centre, radius: radius)
        }
        let (muscle, fat) = (SIMD3<Float>(20, 20, 12), SIMD3<Float>(44, 20, 12))
        for place in [Lump.inMuscle, Lump.inFat] {
            #expect(abs(try mean(.hydroxyapatite, place) / 200 - 1) < 0.08)
        }
        for place in [muscle, fat] {
            #expect(abs(try mean(.hydroxyapatite, place)) < 6)
            #expect(abs(try mean(.urate, place)) < 30)
        }
        #expect(abs(try mean(.fatFraction, muscle)) < 0.15)
        #expect(abs(try mean(.fatFraction, fat) - 1) < 0.15)
        #expect(abs(try mean(.waterFraction, muscle) - 1) < 0.15)
        #expect(abs(try mean(.virtualNonCalcium, muscle) - 43.5) < 8)
        #expect(abs(try mean(.virtualNonCalcium, Lump.inMuscle) - 43.5) < 25)
        // Rays pass 4 cm here, not 5: the free solution makes a tenth of fat of each HU.
        #expect(abs(try mean(.virtualNonCalcium, fat) + 86) < 25)
        #expect(abs(try mean(.electronDensity, muscle) - 1.04) < 0.01)
        #expect(abs(try mean(.electronDensity, fat) - 0.951) < 0.01)
        #expect(abs(try mean(.effectiveAtomicNumber, muscle) - 7.45) < 0.2)
        #expect(abs(try mean(.effectiveAtomicNumber, fat) - 6.42) < 0.3)
        #expect(try mean(.effectiveAtomicNumber, Lump.inMuscle) > 8.5)
        let deviation = try mean(.deviation(of: .hydroxyapatite), muscle)
        #expect(deviation > 3.5 && deviation < 9)
        // Air.
        for map in [MaterialMap.hydroxyapatite, .fatFraction, .urate, .effectiveAtomicNumber] {
            #expect(try #require(maps[map])[0] == 0)
        }
        #expect(abs(try #require(maps[.monoenergetic(keV: 70)])[0] + 1000) < 200)
        #expect(abs(try #require(maps[.electronDensity])[0]) < 0.2)
    }

    @Test
    func aSlabIsThatPartOfTheWhole() {
        let lump = Lump(spacingMm: 1)
        let mapper = MaterialMapper(pair: lump.pair, options: DecompositionOptions())
        let whole = mapper.slab(0..<48, Self.all)
        let part = mapper.slab(7..<31, Self.all)
        let area = 64 * 64
        for map in Self.all {
            #expect(part[map] == whole[map].map { Array($0[(7 * area)..<(31 * area)]) })
        }
    }

    @Test
    func aScanThatIsReadInPartsHasTheMapsOfTheWhole() throws {
        let lump = Lump(spacingMm: 1, slices: 120)
        let pair = lump.pair
        let mapper = MaterialMapper(pair: pair)
        let whole = try #require(mapper.slab(30..<90, [.hydroxyapatite])[.hydroxyapatite])
        var parts: [Float] = []
        MaterialMapper.stream(
            pair.low.geometry, 30..<90, [.hydroxyapatite],
            read: { slices in
                let g = pair.low.geometry
                let box = VoxelBox(columns: 0..<g.columns, rows: 0..<g.rows, slices: slices)
                return DualEnergyPair(
                    low: pair.low.cropped(to: box), high: pair.high.cropped(to: box), lowBeam: pair.lowBeam,
                    highBeam: pair.highBeam, sliceThicknessMm: 0.5)
            }, write: { slices, buffers in parts += buffers[0][..<(slices.count * 64 * 64)] })
        #expect(parts.count == whole.count)
        // The typical response of a part is not quite that of the whole.
        #expect(zip(parts, whole).allSatisfy { abs($0 - $1) < 1 })
    }

    @Test
    func fastMapsEqualTheEstimatesVoxelByVoxel() throws {
        let lump = Lump(spacingMm: 1, slices: 24)
        let mapper = MaterialMapper(pair: lump.pair, options: DecompositionOptions())
        let maps = mapper.slab(0..<24, Self.all)
        let g = lump.pair.low.geometry
        for n in stride(from: 0, to: g.voxelCount, by: 7) {
            let (x, y) = (Double(lump.pair.low.voxels[n]), Double(lump.pair.high.voxels[n]))
            guard x + y > -1000 else { continue }
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            let response = mapper.paths.response(i, j, k)
            let decomposition = MaterialDecomposition(response: response)
            let free = decomposition.threeMaterials(lowHU: x, highHU: y)
            let tissue = SlowTissue(mapper.tissue, i, j, k)
            let constrained = decomposition.constrained(
                lowHU: x, highHU: y, tissueLowHU: tissue.low, tissueHighHU: tissue.high,
                noise: mapper.noise.voxel, fatFractionDeviation: tissue.fatVariance.squareRoot())
            func value(_ map: MaterialMap) throws -> Double { Double(try #require(maps[map])[n]) }
            #expect(abs(try value(.fatFraction) - free.fatFraction) < 0.002)
            #expect(abs(try value(.waterFraction) - free.softFraction) < 0.002)
            #expect(abs(try value(.deviation(of: .hydroxyapatite)) / constrained.standardDeviation - 1) < 0.03)
            let density = try value(.hydroxyapatite)
            #expect(
                abs(density - constrained.mgPerCm3) < 1 + 0.03 * abs(constrained.mgPerCm3),
                "\(density) instead of \(constrained.mgPerCm3)")
        }
    }
}

/// The tissue field at a voxel, interpolated between the eight nearest cells.
private struct SlowTissue {
    var low = 0.0
    var high = 0.0
    var fatVariance = 0.0

    init(_ field: TissueField, _ i: Int, _ j: Int, _ k: Int) {
        let g = field.low.geometry
        // Rows and slices go in pairs.
        func axis(_ voxel: Int, _ per: Int, _ count: Int, inPairs: Bool = true) -> [(Int, Double)] {
            let place = inPairs ? Double(voxel / 2 * 2 + 1) : Double(voxel) + 0.5
            let position = min(max(place / Double(per) - 0.5, 0), Double(count - 1))
            let first = Int(position)
            return [(first, 1 - position + Double(first)), (min(first + 1, count - 1), position - Double(first))]
        }
        for (c, wc) in axis(k, field.voxelsPerCell.slice, g.slices) {
            for (b, wb) in axis(j, field.voxelsPerCell.row, g.rows) {
                for (a, wa) in axis(i, field.voxelsPerCell.column, g.columns, inPairs: false) {
                    let weight = wa * wb * wc
                    low += weight * Double(field.low[a, b, c])
                    high += weight * Double(field.high[a, b, c])
                    fatVariance += weight * Double(field.fatVariance[a, b, c])
                }
            }
        }
    }
}
