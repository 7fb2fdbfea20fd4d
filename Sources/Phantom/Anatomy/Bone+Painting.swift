extension [Bone] {
    /// Paints the bones of a plane, no two nearer to each other than the gap of a joint, with cartilage in between.
    func paint(_ grid: PlaneGrid, jointGapMm: Float = 1.1, into labels: UnsafeMutableBufferPointer<UInt8>) {
        let count = grid.nx * grid.ny
        var first = [Float](repeating: -100, count: count)
        var second = [Float](repeating: -100, count: count)
        var owner = [UInt8](repeating: 255, count: count)
        var boxes: [(Range<Int>, Range<Int>)] = []
        for (number, bone) in enumerated() {
            guard let box = bone.box(z: grid.z) else { continue }
            let ranges = grid.ranges(box)
            boxes.append(ranges)
            for j in ranges.1 {
                for i in ranges.0 {
                    let d = bone.depth(grid.point(i, j))
                    let at = j * grid.nx + i
                    if d > first[at] {
                        second[at] = first[at]
                        first[at] = d
                        owner[at] = UInt8(number)
                    } else if d > second[at] {
                        second[at] = d
                    }
                }
            }
        }
        for (columns, rows) in boxes {
            for j in rows {
                for i in columns {
                    let at = j * grid.nx + i
                    guard owner[at] != 255 else { continue }
                    let d = Swift.min(first[at], 0.5 * (first[at] - second[at] - jointGapMm))
                    if d > 0 {
                        labels[at] = self[Int(owner[at])].tissue(grid.point(i, j), depth: d).rawValue
                    } else if second[at] > -1.1, labels[at] > Tissue.skin.rawValue {
                        labels[at] = Tissue.cartilage.rawValue
                    }
                    owner[at] = 255
                }
            }
        }
    }
}

extension [Deposit] {
    /// Paints the deposits of a plane over soft tissue.
    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>) {
        for (number, deposit) in enumerated() where !deposit.isGone {
            let reach = deposit.largestHalf * 1.35
            guard let box = Box.slab(deposit.centre, deposit.centre, radius: reach, z: grid.z) else { continue }
            let (columns, rows) = grid.ranges(box)
            for j in rows {
                for i in columns {
                    let at = j * grid.nx + i
                    guard Tissue(rawValue: labels[at]).canCalcify, deposit.depth(grid.point(i, j)) > 0 else { continue }
                    labels[at] = Tissue.deposit(number).rawValue
                }
            }
        }
    }
}
