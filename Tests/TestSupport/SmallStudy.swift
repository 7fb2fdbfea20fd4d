public import DICOM

/// A dual-energy study small enough to be made for each test: a limb of muscle with a shaft of bone, in air.
public struct SmallStudy {
    public static let side = 64
    public static let spacingMm = 0.8
    public var slices = 12
    /// Says what the two series are; the scanner's words.
    public var low = Energy(kilovolts: 80, description: "DE_Hand_80kV_A_Qr40", tube: "A", series: 4)
    public var high = Energy(kilovolts: 150, description: "DE_Hand_Sn150kV_B_Qr40", tube: "B", series: 5)
    /// Changes a slice's header before it is written.
    public var change: (_ series: Int, _ slice: Int, _ header: DataSet) -> Void = { _, _, _ in }

    public struct Energy {
        public var kilovolts: Double
        public var description: String
        public var tube: String
        public var series: Int
        /// CT numbers of cortical bone and of muscle at this energy (80 kV and Sn150 kV in 5 cm of water).
        public var boneHU: Double { kilovolts < 120 ? 1700 : 790 }
        public var muscleHU: Double { kilovolts < 120 ? 46 : 41 }

        public init(kilovolts: Double, description: String, tube: String, series: Int) {
            self.kilovolts = kilovolts
            self.description = description
            self.tube = tube
            self.series = series
        }
    }

    public init() {}

    /// Writes the files of one energy and returns their paths in the order of the slices.
    @discardableResult
    public func write(_ energy: Energy, to folder: String) throws -> [String] {
        try (0..<slices).map { slice in
            let header = self.header(energy, slice: slice)
            header.setBytes(.pixelData, pixels(energy, slice: slice).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
            change(energy.series, slice, header)
            let path = "\(folder)/\(energy.series)-\(slice).dcm"
            try header.write(to: path)
            return path
        }
    }

    /// Writes both energies.
    public func write(to folder: String) throws {
        try write(low, to: folder)
        try write(high, to: folder)
    }

    private func header(_ energy: Energy, slice: Int) -> DataSet {
        let header = DataSet()
        header.set(.specificCharacterSet, "ISO_IR 192")
        header.set(.imageType, ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM7 SPI", "DNRG", "DET_\(energy.tube)"])
        header.set(.sopClassUID, SOPClass.ctImage)
        header.set(.sopInstanceUID, UID(rawValue: "1.2.826.0.1.3680043.10.1.\(energy.series).\(slice + 1)"))
        header.set(.studyInstanceUID, UID(rawValue: "1.2.826.0.1.3680043.10.1"))
        header.set(.seriesInstanceUID, UID(rawValue: "1.2.826.0.1.3680043.10.1.\(energy.series)"))
        header.set(.frameOfReferenceUID, UID(rawValue: "1.2.826.0.1.3680043.10.1.9"))
        header.set(.studyDate, "20260102")
        header.set(.studyTime, "101500")
        header.set(.modality, "CT")
        header.set(.manufacturer, "SIEMENS")
        header.set(.seriesDescription, energy.description)
        header.set(.patientName, "DOE^JANE")
        header.set(.patientID, "P1")
        header.set(.patientBirthDate, "19600101")
        header.set(.bodyPartExamined, "HAND")
        header.set(.imageLaterality, "R")
        header.set(.sliceThickness, double: Self.spacingMm)
        header.set(.kvp, double: energy.kilovolts)
        header.set(.convolutionKernel, "Qr40d")
        header.set(.seriesNumber, integer: energy.series)
        header.set(.instanceNumber, integer: slice + 1)
        header.set(.imagePositionPatient, doubles: [-25, -25, 100 + Self.spacingMm * Double(slice)])
        header.set(.imageOrientationPatient, doubles: [1, 0, 0, 0, 1, 0])
        header.set(.samplesPerPixel, integer: 1)
        header.set(.photometricInterpretation, "MONOCHROME2")
        header.set(.rows, integer: Self.side)
        header.set(.columns, integer: Self.side)
        header.set(.pixelSpacing, doubles: [Self.spacingMm, Self.spacingMm])
        header.set(.bitsAllocated, integer: 16)
        header.set(.bitsStored, integer: 16)
        header.set(.highBit, integer: 15)
        header.set(.pixelRepresentation, integer: 0)
        header.set(.rescaleIntercept, double: -1024)
        header.set(.rescaleSlope, double: 1)
        header.set(.rescaleType, "HU")
        return header
    }

    private func pixels(_ energy: Energy, slice: Int) -> [UInt16] {
        var state = UInt64(energy.series) << 32 | UInt64(slice + 1)
        func noise() -> Double {
            // Sum of four even numbers: nearly normal, 8 HU.
            var sum = 0.0
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                sum += Double(state >> 40) / Double(1 << 24) - 0.5
            }
            return sum * 8 * 1.732
        }
        let middle = Double(Self.side - 1) / 2
        return (0..<(Self.side * Self.side)).map { index in
            let x = Double(index % Self.side) - middle
            let y = Double(index / Self.side) - middle
            let radius = (x * x + y * y).squareRoot()
            let tissue = radius < 5 ? energy.boneHU : radius < 24 ? energy.muscleHU : -1000
            return UInt16(max(0, (tissue + noise() + 1024).rounded()))
        }
    }
}
