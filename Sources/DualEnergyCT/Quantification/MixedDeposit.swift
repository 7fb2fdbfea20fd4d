/// A deposit that is hydroxyapatite in one part and urate in another, side by side.
///
/// Where both fill the same place the ratio lies between and the deposit stays one, indeterminate if need be: the data
/// do not say how much is which.
package enum MixedDeposit {
    /// One part, measured by itself.
    package struct Part: Sendable {
        package var voxels: [Int]
        package var measurement: DepositMeasurement
        let meter: DepositMeter
    }

    /// A part is a body of its own: a ball of 3 mm, and not the rim that blur and noise leave, in mm3 and mm.
    static let leastPartMm3 = 14.0
    static let leastRadiusMm: Float = 1
    /// Standard deviation in mm of the smoothing under which single voxels tell the materials apart.
    private static let smoothingMm = 0.8

    /// The part of hydroxyapatite and that of urate, where each of them, measured alone, is just that; else nil.
    ///
    /// - Parameter voxels: of the deposit, rising, as `meter` was given them.
    package static func parts(
        of voxels: [Int], _ meter: DepositMeter, context: MeasurementContext
    ) -> [Part]? {
        let voxelMm3 = context.low.geometry.voxelVolumeMm3
        guard Double(voxels.count) * voxelMm3 >= 2 * leastPartMm3, let isMineral = meter.mineralSide(smoothingMm)
        else { return nil }
        let lists = [true, false].map { side in voxels.indices.filter { isMineral[$0] == side }.map { voxels[$0] } }
        guard lists.allSatisfy({ Double($0.count) * voxelMm3 >= leastPartMm3 }) else { return nil }
        let parts = lists.map { list in
            let own = DepositMeter(voxels: list, context: context)
            return Part(voxels: list, measurement: own.measure(), meter: own)
        }
        guard parts[0].measurement.material == .hydroxyapatite, parts[1].measurement.material == .urate else {
            return nil
        }
        return parts
    }
}

extension DepositMeter {
    /// For each voxel of the deposit whether it belongs to the part on hydroxyapatite's side of the boundary between the
    /// ratios; nil unless both sides have a body of their own.
    fileprivate func mineralSide(_ smoothingMm: Double) -> [Bool]? {
        let boundary = Float(MaterialRatio(response: response, noise: context.noise.voxel).boundary)
        let g = region.geometry
        let mask = region.mask
        var beyond = Volume<Float>(geometry: g, repeating: 0)
        for n in mask.voxels.indices where mask.voxels[n] != 0 {
            beyond.voxels[n] = excessLow[n] - boundary * excessHigh[n]
        }
        // Its sign is what counts, so that the clear voxels around do no harm.
        beyond.smooth(sigmaMm: smoothingMm)
        // Only the largest piece of either side counts: the rest is the other side's.
        func body(_ side: (Float) -> Bool) -> Volume<UInt8>? {
            var part = Volume<UInt8>(geometry: g, repeating: 0)
            for n in mask.voxels.indices where mask.voxels[n] != 0 && side(beyond.voxels[n]) { part.voxels[n] = 1 }
            let pieces = ConnectedComponents(of: part, connectivity: .faces)
            guard
                let largest = pieces.components.indices.max(by: {
                    pieces.components[$0].voxelCount < pieces.components[$1].voxelCount
                })
            else { return nil }
            let piece = pieces.mask { $0 == largest }
            let radius = piece.complement().squaredDistancesMm2(capMm: 6).voxels.max()?.squareRoot() ?? 0
            return radius >= MixedDeposit.leastRadiusMm ? piece : nil
        }
        guard body({ $0 > 0 }) != nil, let urate = body({ $0 <= 0 }) else { return nil }
        return mask.voxels.indices.filter { mask.voxels[$0] != 0 }.map { urate.voxels[$0] == 0 }
    }
}
