import Dispatch
public import DualEnergyCT

/// What is really in the phantom.
public struct PhantomTruth: Sendable, Codable, Equatable {
    /// One deposit, as far as the scan covers it.
    public struct Deposit: Sendable, Codable, Equatable {
        /// Counted from 1; the deposit's value in the label file is 100 more.
        public var number: Int
        /// `hydroxyapatite` or `monosodiumUrate`.
        public var material: String
        public var volumeMm3: Double
        /// Mineral in mg per cm3 of deposit.
        public var densityMgPerCm3: Double
        /// Mass of hydroxyapatite, 0 for another mineral.
        public var hydroxyapatiteMassMg: Double
        /// Mass of monosodium urate, 0 for another mineral.
        public var urateMassMg: Double
        /// Centre of volume in patient coordinates, mm.
        public var centreMm: [Double]
        /// Diameter of the ball of the same volume.
        public var equivalentDiameterMm: Double
        public var compartment: DepositSite
        /// 1 is the thumb; absent at the wrist.
        public var digit: Int?
        public var touchesBone: Bool
        /// Share of fat by volume in what lies between the crystals.
        public var hostFatFraction: Double
        /// Share of the deposit's volume inside the scan.
        public var scannedFraction: Double
    }

    public var schema = 1
    public var seed: UInt64
    public var side: String
    public var pair: String
    public var mode: String
    public var deposits: [Deposit]
}

extension HandPhantom {
    /// Step of the grid on which deposits are integrated, in mm.
    private static let truthStepMm: Float = 0.1

    /// The deposits that the scan covers at least in part, integrated on a grid of 0.1 mm.
    public func truth(mode: SimulationMode, pair: SpectrumPair) -> PhantomTruth {
        let found = TruthCollector(count: anatomy.deposits.count)
        DispatchQueue.concurrentPerform(iterations: anatomy.deposits.count) { found.set($0, integrate($0)) }
        return PhantomTruth(
            seed: seed, side: parameters.side.rawValue, pair: pair.description, mode: mode.rawValue,
            deposits: found.deposits.compactMap { $0 })
    }

    private func integrate(_ index: Int) -> PhantomTruth.Deposit? {
        let deposit = anatomy.deposits[index]
        guard !deposit.isGone else { return nil }
        let (a, b, c) = (
            deposit.half.x * deposit.axes.0, deposit.half.y * deposit.axes.1, deposit.half.z * deposit.axes.2
        )
        let squares = a * a + b * b + c * c
        let reach = 1.3 * Point(squares.x.squareRoot(), squares.y.squareRoot(), squares.z.squareRoot())
        let step = Self.truthStepMm
        let nx = Int(2 * reach.x / step) + 3
        let ny = Int(2 * reach.y / step) + 3
        let nz = Int(2 * reach.z / step) + 3
        let lowest = Float(geometry.origin.z - frame.offset.z - 0.5 * scan.sliceSpacingMm)
        let highest = lowest + Float(Double(scan.slices) * scan.sliceSpacingMm)
        let label = Tissue.deposit(index).rawValue
        var labels = [UInt8](repeating: 0, count: nx * ny)
        var before = labels
        var (count, scanned, touches) = (0, 0, false)
        var sum = SIMD3<Double>.zero
        for k in 0..<nz {
            let z = deposit.centre.z + (Float(k) - 0.5 * Float(nz - 1)) * step
            let grid = PlaneGrid(
                x0: deposit.centre.x - 0.5 * Float(nx - 1) * step, y0: deposit.centre.y - 0.5 * Float(ny - 1) * step,
                z: z, stepX: step, stepY: step, nx: nx, ny: ny)
            swap(&labels, &before)
            labels.withUnsafeMutableBufferPointer { anatomy.paint(grid, into: $0) }
            for j in 1..<(ny - 1) {
                for i in 1..<(nx - 1) {
                    let at = j * nx + i
                    if labels[at] == label {
                        count += 1
                        if z >= lowest, z < highest {
                            scanned += 1
                            let p = grid.point(i, j)
                            sum += SIMD3(Double(p.x), Double(p.y), Double(p.z))
                        }
                        if !touches {
                            touches =
                                [at - 1, at + 1, at - nx, at + nx].contains { Tissue(rawValue: labels[$0]).isBone }
                                || (k > 0 && Tissue(rawValue: before[at]).isBone)
                        }
                    } else if !touches, k > 0, before[at] == label, Tissue(rawValue: labels[at]).isBone {
                        touches = true
                    }
                }
            }
        }
        guard scanned > 0 else { return nil }
        let volume = Double(scanned) * Double(step * step * step)
        let mean = sum / Double(scanned)
        let centre = frame.patient(Point(Float(mean.x), Float(mean.y), Float(mean.z)))
        let mass = volume * deposit.mgPerCm3 / 1000
        let isApatite = deposit.mineral == .hydroxyapatite
        return PhantomTruth.Deposit(
            number: index + 1, material: isApatite ? "hydroxyapatite" : "monosodiumUrate", volumeMm3: volume,
            densityMgPerCm3: deposit.mgPerCm3, hydroxyapatiteMassMg: isApatite ? mass : 0,
            urateMassMg: isApatite ? 0 : mass, centreMm: [centre.x, centre.y, centre.z],
            equivalentDiameterMm: cubeRoot(6 * volume / Double.pi), compartment: deposit.site,
            digit: deposit.ray.map { $0 + 1 }, touchesBone: touches, hostFatFraction: deposit.hostFatShare,
            scannedFraction: Double(scanned) / Double(count))
    }

    /// What fills the centre of each voxel: 0 nothing that matters, 1 bone, 2 nail, 3 other tissue, 100 + number a
    /// deposit.
    public func truthLabels() -> Volume<UInt8> {
        var volume = Volume<UInt8>(geometry: geometry, repeating: 0)
        let box = frame.pixelBox
        var labels = [UInt8](repeating: 0, count: box.columns.count * box.rows.count)
        for k in 0..<geometry.slices {
            let grid = frame.grid(z: Double(k) * scan.sliceSpacingMm, fine: 1)
            labels.withUnsafeMutableBufferPointer { anatomy.paint(grid, into: $0) }
            for (row, j) in box.rows.enumerated() {
                for (column, i) in box.columns.enumerated() {
                    let tissue = Tissue(rawValue: labels[row * grid.nx + column])
                    guard tissue != .air else { continue }
                    volume.voxels[geometry.index(i, j, k)] =
                        tissue.isDeposit
                        ? 101 + (tissue.rawValue - Tissue.firstDeposit) : tissue.isBone ? 1 : tissue == .nail ? 2 : 3
                }
            }
        }
        return volume
    }
}

/// Results that several threads fill, each its own.
private final class TruthCollector: @unchecked Sendable {
    // Unchecked: every place is written once, by one thread, and read after all have ended.
    private let places: UnsafeMutableBufferPointer<PhantomTruth.Deposit?>

    init(count: Int) {
        places = .allocate(capacity: count)
        places.initialize(repeating: nil)
    }

    deinit {
        places.deinitialize()
        places.deallocate()
    }

    func set(_ index: Int, _ value: PhantomTruth.Deposit?) { places[index] = value }
    var deposits: [PhantomTruth.Deposit?] { Array(places) }
}
