import DualEnergyCT

let (grid, low, high) = Scanner.images()
let pair = DualEnergyPair(
    low: Volume(geometry: grid, voxels: low), high: Volume(geometry: grid, voxels: high),
    lowBeam: .tube(kilovolts: 80, tinMm: 0), highBeam: .tube(kilovolts: 150, tinMm: 0.6), sliceThicknessMm: 1)
let mapper = MaterialMapper(pair: pair)
let density = mapper.density(of: Scanner.deposit(in: grid))
print("hydroxyapatite \(density.mgPerCm3.rounded()) +- \(density.standardUncertainty.rounded()) mg/cm3")
