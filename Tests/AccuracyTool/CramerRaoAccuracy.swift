import DualEnergyCT
import Foundation
import Phantom

/// The scatter of a region's density with unknown tissue, against the least that any unbiased estimate could have.
///
/// Regions 5 mm wide and long with 200 mg/cm3 in half fat, their CT numbers from the phantom's spectra and tables; the
/// noise of both images is filtered white noise whose covariance is known exactly and correlated between the images.
/// The bound is that of the two means of the region: the inverse of the information on density and fat fraction. The
/// detail also gives the bound of all voxels together, whose estimate would weight them by the noise's texture and
/// would be wrong where a deposit is not the same throughout.
enum CramerRaoAccuracy: Experiment {
    static let name = "cramer-rao"
    static let standardCount = 600

    private static let size = 40
    private static let slices = 16
    private static let density = 200.0
    private static let fat = 0.5
    private static let (noiseLow, noiseHigh, correlation) = (12.0, 10.0, -0.3)

    static func run(seed: UInt64, count: Int) -> [Row] {
        guard let spectra = SpectrumPair("80/Sn150") else { return [] }
        let grid = GridGeometry(
            columns: size, rows: size, slices: slices, columnSpacingMm: 0.5, rowSpacingMm: 0.5, sliceSpacingMm: 1)
        let region = Simulated.region(in: grid, xMm: 9.75, yMm: 9.75)
        let grain = NoiseGrain()
        var numbers = SeededNumbers(seed: seed)
        var found: [RegionDensity] = []
        for _ in 0..<count {
            let pair = images(spectra, grid, region: region, grain, &numbers)
            found.append(MaterialMapper(pair: pair).density(of: region, tissue: .unknown))
        }
        let values = found.map(\.mgPerCm3)
        let mean = values.reduce(0, +) / Double(count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        let stated = found.reduce(0) { $0 + $1.noise * $1.noise } / Double(count)
        let bound = bound(spectra, meanOverVoxel: grain.variance(ofMeanOver: region, of: grid))
        let all = bound * grain.leastVariance(over: region, of: grid) / grain.variance(ofMeanOver: region, of: grid)
        return [
            Row(
                name: "cramer-rao", value: variance / bound,
                detail: [
                    ("deviationMgPerCm3", variance.squareRoot()), ("boundMgPerCm3", bound.squareRoot()),
                    ("meanMgPerCm3", mean), ("statedOverVariance", stated / variance),
                    ("overBoundOfAllVoxels", variance / all), ("repeats", Double(count)),
                ])
        ]
    }

    private static func ctNumbers(_ spectra: SpectrumPair, density: Double, fat: Double) -> (low: Double, high: Double)
    {
        let mixture = Mixture.mineral(
            .hydroxyapatite, mgPerCm3: density, in: Mixture([(.adipose, fat), (.muscle, 1 - fat)]))
        return (spectra.low.effectiveHU(of: mixture, waterCm: 2), spectra.high.effectiveHU(of: mixture, waterCm: 2))
    }

    /// The inverse information of the two means on density and fat fraction: its element for the density.
    private static func bound(_ spectra: SpectrumPair, meanOverVoxel share: Double) -> Double {
        let here = ctNumbers(spectra, density: density, fat: fat)
        let denser = ctNumbers(spectra, density: density + 1, fat: fat)
        let fatter = ctNumbers(spectra, density: density, fat: fat + 0.01)
        let byDensity = (denser.low - here.low, denser.high - here.high)
        let byFat = ((fatter.low - here.low) / 0.01, (fatter.high - here.high) / 0.01)
        let both = correlation * noiseLow * noiseHigh
        // Two unknowns of two numbers: the information's inverse is that of the slopes about the covariance.
        let determinant = byDensity.0 * byFat.1 - byDensity.1 * byFat.0
        let (a, b) = (byFat.1 / determinant, -byFat.0 / determinant)
        return share * (a * a * noiseLow * noiseLow + b * b * noiseHigh * noiseHigh + 2 * a * b * both)
    }

    private static func images(
        _ spectra: SpectrumPair, _ grid: GridGeometry, region: [Int], _ grain: NoiseGrain,
        _ numbers: inout SeededNumbers
    ) -> DualEnergyPair {
        let soft = ctNumbers(spectra, density: 0, fat: fat)
        let hard = ctNumbers(spectra, density: density, fat: fat)
        var isMineral = [Bool](repeating: false, count: grid.voxelCount)
        for n in region { isMineral[n] = true }
        var (low, high) = ([Int16](), [Int16]())
        for slice in 0..<grid.slices {
            let a = grain.slice(size: size, &numbers)
            let b = grain.slice(size: size, &numbers)
            for n in 0..<(size * size) {
                let isHard = isMineral[slice * size * size + n]
                let second = correlation * a[n] + (1 - correlation * correlation).squareRoot() * b[n]
                low.append(Int16(((isHard ? hard.low : soft.low) + noiseLow * a[n]).rounded()))
                high.append(Int16(((isHard ? hard.high : soft.high) + noiseHigh * second).rounded()))
            }
        }
        return DualEnergyPair(
            low: Volume(geometry: grid, voxels: low), high: Volume(geometry: grid, voxels: high),
            lowBeam: .tube(kilovolts: 80, tinMm: 0), highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 1,
            region: .other, laterality: .unknown)
    }
}

/// Noise of filtered back-projection in a plane: white noise through a kernel with little power at low frequencies.
struct NoiseGrain {
    private let reach = 7
    private let kernel: [Double]
    /// By lag in columns and rows, from minus to plus twice the reach; 1 at lag 0.
    private let autocorrelation: [Double]

    init() {
        let width = 2 * reach + 1
        func gaussian(_ i: Int, _ j: Int, _ sigma: Double) -> Double {
            exp(-Double(i * i + j * j) / (2 * sigma * sigma)) / (2 * .pi * sigma * sigma)
        }
        var values: [Double] = []
        for j in -reach...reach {
            for i in -reach...reach { values.append(gaussian(i, j, 0.75) - 0.85 * gaussian(i, j, 1.8)) }
        }
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        kernel = values.map { $0 / norm }
        var table: [Double] = []
        for dj in (-2 * reach)...(2 * reach) {
            for di in (-2 * reach)...(2 * reach) {
                var sum = 0.0
                for j in max(0, -dj)..<max(0, -dj, min(width, width - dj)) {
                    for i in max(0, -di)..<max(0, -di, min(width, width - di)) {
                        sum += kernel[j * width + i] * kernel[(j + dj) * width + i + di]
                    }
                }
                table.append(sum)
            }
        }
        autocorrelation = table
    }

    /// A square slice with a standard deviation of 1.
    func slice(size: Int, _ numbers: inout SeededNumbers) -> [Double] {
        let wide = size + 2 * reach
        let white = (0..<(wide * wide)).map { _ in numbers.normal() }
        var result = [Double](repeating: 0, count: size * size)
        for j in 0..<(2 * reach + 1) {
            for i in 0..<(2 * reach + 1) {
                let weight = kernel[j * (2 * reach + 1) + i]
                for row in 0..<size {
                    for column in 0..<size {
                        result[row * size + column] += weight * white[(row + j) * wide + column + i]
                    }
                }
            }
        }
        return result
    }

    private func covariance(_ a: Int, _ b: Int, _ g: GridGeometry) -> Double {
        let area = g.columns * g.rows
        guard a / area == b / area else { return 0 }
        let (di, dj) = (a % g.columns - b % g.columns, a / g.columns % g.rows - b / g.columns % g.rows)
        guard abs(di) <= 2 * reach, abs(dj) <= 2 * reach else { return 0 }
        return autocorrelation[(dj + 2 * reach) * (4 * reach + 1) + di + 2 * reach]
    }

    /// Variance of the mean over voxels for one of variance 1.
    func variance(ofMeanOver voxels: [Int], of g: GridGeometry) -> Double {
        let sum = voxels.reduce(0) { total, a in voxels.reduce(total) { $0 + covariance(a, $1, g) } }
        return sum / Double(voxels.count * voxels.count)
    }

    /// Variance of the mean with the best weights: one over the sum of the inverse covariance, slice by slice.
    func leastVariance(over voxels: [Int], of g: GridGeometry) -> Double {
        let area = g.columns * g.rows
        var information = 0.0
        for (_, members) in Dictionary(grouping: voxels, by: { $0 / area }) {
            var matrix = members.map { a in members.map { covariance(a, $0, g) } }
            var right = [Double](repeating: 1, count: members.count)
            for pivot in matrix.indices {
                for row in (pivot + 1)..<max(pivot + 1, matrix.count) {
                    let factor = matrix[row][pivot] / matrix[pivot][pivot]
                    for column in pivot..<matrix.count { matrix[row][column] -= factor * matrix[pivot][column] }
                    right[row] -= factor * right[pivot]
                }
            }
            for row in matrix.indices.reversed() {
                for column in (row + 1)..<max(row + 1, matrix.count) {
                    right[row] -= matrix[row][column] * right[column]
                }
                right[row] /= matrix[row][row]
            }
            information += right.reduce(0, +)
        }
        return 1 / information
    }
}
