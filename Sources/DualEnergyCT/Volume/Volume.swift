extension Volume: Equatable where Element: Equatable {}

/// A scalar field on a grid: columns fastest, then rows, then slices.
public struct Volume<Element: Sendable>: Sendable {
    public let geometry: GridGeometry
    /// `geometry.voxelCount` values; voxel (i, j, k) is at `geometry.index(i, j, k)`.
    public var voxels: [Element]

    /// - Precondition: `voxels.count == geometry.voxelCount`.
    public init(geometry: GridGeometry, voxels: [Element]) {
        precondition(voxels.count == geometry.voxelCount, "a volume has as many voxels as its grid")
        self.geometry = geometry
        self.voxels = voxels
    }

    public init(geometry: GridGeometry, repeating value: Element) {
        self.init(geometry: geometry, voxels: [Element](repeating: value, count: geometry.voxelCount))
    }

    public subscript(i: Int, j: Int, k: Int) -> Element {
        get { voxels[geometry.index(i, j, k)] }
        set { voxels[geometry.index(i, j, k)] = newValue }
    }

    /// A copy of the voxels of a box.
    public func cropped(to box: VoxelBox) -> Volume {
        let target = geometry.cropped(to: box)
        var result: [Element] = []
        result.reserveCapacity(target.voxelCount)
        for k in box.slices {
            for j in box.rows {
                let start = geometry.index(box.columns.lowerBound, j, k)
                result.append(contentsOf: voxels[start..<(start + box.columns.count)])
            }
        }
        return Volume(geometry: target, voxels: result)
    }
}
