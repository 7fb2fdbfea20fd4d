/// The connected components of a mask.
public struct ConnectedComponents: Sendable {
    /// Which neighbours of a voxel belong to the same component.
    public enum Connectivity: Sendable, CaseIterable { case faces, facesEdgesAndCorners }

    /// One component: its size and the box that holds it.
    public struct Component: Sendable, Equatable {
        public var voxelCount: Int
        public var box: VoxelBox
    }

    /// 0 outside the mask, else the component's number from 1, in the order of its first voxel.
    public let labels: Volume<Int32>
    /// Component n is at index n - 1.
    public let components: [Component]

    /// Labels the non-zero voxels of `mask`: runs along the columns, joined by union-find.
    public init(of mask: Volume<UInt8>, connectivity: Connectivity) {
        let g = mask.geometry
        var runs = RunForest(rowCount: g.rows * g.slices)
        runs.collect(mask)
        let reach = connectivity == .faces ? 0 : 1
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                let row = k * g.rows + j
                if j > 0 { runs.join(row, row - 1, reach: reach) }
                if k > 0 {
                    runs.join(row, row - g.rows, reach: reach)
                    if connectivity == .facesEdgesAndCorners {
                        if j > 0 { runs.join(row, row - g.rows - 1, reach: reach) }
                        if j + 1 < g.rows { runs.join(row, row - g.rows + 1, reach: reach) }
                    }
                }
            }
        }
        (labels, components) = runs.write(geometry: g)
    }

    /// Linear indices of the voxels of each component, in the order of `components`.
    package func voxelLists() -> [[Int]] {
        var lists = components.map { component -> [Int] in
            var list: [Int] = []
            list.reserveCapacity(component.voxelCount)
            return list
        }
        for (n, component) in components.enumerated() {
            let box = component.box
            for k in box.slices {
                for j in box.rows {
                    let base = labels.geometry.index(0, j, k)
                    for i in box.columns where labels.voxels[base + i] == Int32(n + 1) { lists[n].append(base + i) }
                }
            }
        }
        return lists
    }
}

/// Runs of set voxels and the forest that joins them.
private struct RunForest {
    var first: [Int32] = []
    var last: [Int32] = []
    var parent: [Int32] = []
    /// Index of the first run of each row; one more entry closes the last row.
    var rowStart: [Int32]

    init(rowCount: Int) {
        rowStart = []
        rowStart.reserveCapacity(rowCount + 1)
    }

    mutating func collect(_ mask: Volume<UInt8>) {
        let columns = mask.geometry.columns
        mask.voxels.withUnsafeBufferPointer { voxels in
            for row in 0..<(mask.geometry.rows * mask.geometry.slices) {
                rowStart.append(Int32(first.count))
                let base = row * columns
                var i = 0
                while i < columns {
                    if voxels[base + i] == 0 {
                        i += 1
                        continue
                    }
                    let start = i
                    while i < columns && voxels[base + i] != 0 { i += 1 }
                    first.append(Int32(start))
                    last.append(Int32(i - 1))
                }
            }
        }
        rowStart.append(Int32(first.count))
        parent = (0..<Int32(first.count)).map { $0 }
    }

    mutating func root(_ run: Int) -> Int {
        var run = run
        while Int(parent[run]) != run {
            parent[run] = parent[Int(parent[run])]
            run = Int(parent[run])
        }
        return run
    }

    /// Joins the runs of two rows that touch; the smaller index becomes the root, so numbering follows the raster.
    mutating func join(_ rowA: Int, _ rowB: Int, reach: Int) {
        var a = Int(rowStart[rowA])
        var b = Int(rowStart[rowB])
        let endA = Int(rowStart[rowA + 1])
        let endB = Int(rowStart[rowB + 1])
        while a < endA && b < endB {
            if Int(first[a]) <= Int(last[b]) + reach && Int(first[b]) <= Int(last[a]) + reach {
                let rootA = root(a)
                let rootB = root(b)
                if rootA < rootB { parent[rootB] = Int32(rootA) } else { parent[rootA] = Int32(rootB) }
            }
            if last[a] < last[b] { a += 1 } else { b += 1 }
        }
    }

    mutating func write(geometry g: GridGeometry) -> (Volume<Int32>, [ConnectedComponents.Component]) {
        var numbers = [Int32](repeating: 0, count: first.count)
        var components: [ConnectedComponents.Component] = []
        var labels = [Int32](repeating: 0, count: g.voxelCount)
        for row in 0..<(g.rows * g.slices) {
            let j = row % max(g.rows, 1)
            let k = row / max(g.rows, 1)
            for run in Int(rowStart[row])..<Int(rowStart[row + 1]) {
                let top = root(run)
                let from = Int(first[run])
                let to = Int(last[run]) + 1
                if numbers[top] == 0 {
                    components.append(
                        ConnectedComponents.Component(
                            voxelCount: 0, box: VoxelBox(columns: from..<to, rows: j..<(j + 1), slices: k..<(k + 1))))
                    numbers[top] = Int32(components.count)
                }
                let number = numbers[top]
                components[Int(number) - 1].add(columns: from..<to, row: j, slice: k)
                let base = row * g.columns
                for i in from..<to { labels[base + i] = number }
            }
        }
        return (Volume(geometry: g, voxels: labels), components)
    }
}

extension ConnectedComponents.Component {
    fileprivate mutating func add(columns: Range<Int>, row: Int, slice: Int) {
        voxelCount += columns.count
        box.columns =
            min(box.columns.lowerBound, columns.lowerBound)..<max(box.columns.upperBound, columns.upperBound)
        box.rows = min(box.rows.lowerBound, row)..<max(box.rows.upperBound, row + 1)
        box.slices = min(box.slices.lowerBound, slice)..<max(box.slices.upperBound, slice + 1)
    }
}
