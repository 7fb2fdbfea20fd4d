import DualEnergyCT
import StudyAssembly
import Testing

@Suite struct PairingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var headers: [ImageHeader]
        var expected: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "both tubes", headers: Sample.study, expected: "grid"),
        Case(name: "the other order", headers: Sample.study.reversed(), expected: "grid"),
        Case(
            name: "two voltages without a word of two energies",
            headers: Sample.series(1, kilovolts: 80, description: "Hand")
                + Sample.series(2, kilovolts: 140, description: "Hand"),
            expected: "grid"),
        Case(
            name: "with what else a scanner sends",
            headers: Sample.study + Sample.series(6, kilovolts: 80, description: "DE_Hand_M_0.6_Qr40")
                + Sample.series(1, kilovolts: 120, description: "Topogram").changing { $0.imageType[2] = "LOCALIZER" }
                + Sample.series(7, kilovolts: 80, description: "Hand cor 3.0").changing {
                    $0.imageType = ["DERIVED", "SECONDARY", "MPR"]
                    $0.orientation = [1, 0, 0, 0, 0, -1]
                    $0.sliceThickness = 3
                }, expected: "grid"),
        Case(
            name: "our own results beside",
            headers: Sample.study
                + Sample.series(9003, kilovolts: 80, description: "Apatite HA map").changing {
                    $0.manufacturer = "Apatite project"
                    $0.patientName = "OTHER"
                }, expected: "grid"),
        Case(
            name: "every file twice", headers: Sample.study + Sample.study.changing { $0.path += ".copy" },
            expected: "grid"),
        Case(name: "single energy", headers: Sample.single, expected: "left alone: singleEnergy"),
        Case(
            name: "single energy on a dual source scanner",
            headers: Sample.single.changing {
                $0.imageType = ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI DUAL", "STD", "SNRG", "DET_AB"]
            },
            expected: "left alone: singleEnergy"),
        Case(
            name: "single energy in two kernels",
            headers: Sample.single
                + Sample.series(5, kilovolts: 120, description: "Hand Br36").changing { $0.kernel = "Br36" },
            expected: "left alone: singleEnergy"),
        Case(
            name: "two single-energy scans of different fields",
            headers: Sample.single
                + Sample.series(5, kilovolts: 80, description: "Hand").changing { $0.pixelSpacing = [0.3, 0.3] },
            expected: "left alone: singleEnergy"),
        Case(
            name: "only our own results",
            headers: Sample.single.changing { $0.manufacturer = "Apatite project" }, expected: "left alone: ownResults"),
        Case(
            name: "no CT",
            headers: Sample.single.changing {
                $0.modality = "MR"
                $0.sopClassUID = "1.2.840.10008.5.1.4.1.1.4"
            },
            expected: "left alone: noCTImages"),
        Case(name: "only the low energy", headers: Sample.low, expected: "set aside: energyMissing"),
        Case(name: "only the high energy", headers: Sample.high, expected: "set aside: energyMissing"),
        Case(
            name: "only one monoenergetic series",
            headers: Sample.series(3, kilovolts: 140, description: "Mono 70 keV"), expected: "set aside: energyMissing"),
        Case(
            name: "only mixed images",
            headers: Sample.series(3, kilovolts: 80, description: "DE_Hand_M_0.6"), expected: "set aside: energyMissing"
        ),
        Case(
            name: "only spectral base images",
            headers: Sample.single.changing {
                $0.imageType = ["DERIVED", "SECONDARY", "SBI"]
                $0.sopClassUID = "1.2.840.10008.5.1.4.1.1.7"
            },
            expected: "set aside: energyMissing"),
        Case(
            name: "different kernels", headers: Sample.low + Sample.high.changing { $0.kernel = "Br59" },
            expected: "set aside: reconstructedDifferently"),
        Case(
            name: "different fields of view",
            headers: Sample.low + Sample.high.changing { $0.pixelSpacing = [0.41, 0.41] },
            expected: "set aside: reconstructedDifferently"),
        Case(
            name: "fields of view side by side", headers: Sample.low + Sample.high.changing { $0.position[0] += 5 },
            expected: "set aside: reconstructedDifferently"),
        Case(
            name: "KVP and description contradict each other",
            headers: Sample.low.changing { $0.kilovolts = [100] } + Sample.high,
            expected: "set aside: energyContradicts"),
        Case(
            name: "two places",
            headers: Sample.study
                + Sample.study.changing {
                    $0.frameOfReferenceUID = "1.2.3.99"
                    $0.seriesInstanceUID += ".9"
                    $0.sopInstanceUID += ".9"
                }, expected: "set aside: severalAcquisitions"),
        Case(
            name: "two studies", headers: Sample.low + Sample.high.changing { $0.studyInstanceUID = "1.2.4" },
            expected: "set aside: severalStudies"),
        Case(
            name: "two patients", headers: Sample.low + Sample.high.changing { $0.patientID = "P2" },
            expected: "set aside: twoPatients"),
        Case(
            name: "two birth dates", headers: Sample.low + Sample.high.changing { $0.patientBirthDate = "19700101" },
            expected: "set aside: twoPatients"),
        Case(
            name: "two patients in a single-energy study",
            headers: Sample.single.changing({ $0 == 3 }) { $0.patientID = "P2" }, expected: "set aside: twoPatients"),
        Case(
            name: "one name written in two ways",
            headers: Sample.low + Sample.high.changing { $0.patientName = "Doe^Jane^^^" }, expected: "grid"),
        Case(
            name: "one UID, two contents",
            headers: Sample.study + [Sample.low[3]].changing { $0.byteCount += 2 },
            expected: "set aside: conflictingInstances"),
    ])
    func everyStudyHasItsFate(_ study: Case) {
        #expect(decision(study.headers) == study.expected)
    }

    @Test func theMissingEnergyIsNamed() {
        #expect(reasons(Sample.low).first?.message.contains("high-energy series is missing") == true)
        #expect(reasons(Sample.high).first?.message.contains("low-energy series is missing") == true)
        #expect(reasons(Sample.low).first?.code.mayMendItself == true)
    }

    @Test func theLowerVoltageIsTheLowEnergyWhateverTheTubeIsCalled() throws {
        let swapped =
            Sample.series(4, kilovolts: 140, description: "DE 140kV_A", tube: "A")
            + Sample.series(5, kilovolts: 80, description: "DE 80kV_B", tube: "B")
        guard case .grid(let grid) = try StudyAssembler().choose(swapped) else { throw Unexpected() }
        #expect(grid.low.allSatisfy { $0.seriesNumber == 5 })
        #expect(grid.high.allSatisfy { $0.seriesNumber == 4 })
    }

    @Test func ofManyReconstructionsTheSmoothThinOneIsTaken() throws {
        func reconstruction(_ number: Int, _ kernel: String, _ thickness: Double) -> [ImageHeader] {
            [(0, 80.0, "80kV_A"), (1, 150, "Sn150kV_B")].flatMap { offset, voltage, name in
                Sample.series(number + offset, kilovolts: voltage, description: name).changing {
                    $0.kernel = kernel
                    $0.sliceThickness = thickness
                }
            }
        }
        let all = reconstruction(3, "Br64", 0.6) + reconstruction(5, "Qr40", 1) + reconstruction(7, "Qr40", 0.6)
        guard case .grid(let grid) = try StudyAssembler().choose(all) else { throw Unexpected() }
        #expect(grid.low[0].seriesNumber == 7)
        #expect(grid.high[0].seriesNumber == 8)
    }

    @Test func ofARepeatedScanTheEnergiesOfOneAcquisitionArePaired() throws {
        func scan(_ number: Int, _ acquisition: Int, _ low: String, _ high: String) -> [ImageHeader] {
            [(0, 80.0, "80kV_A", low), (1, 150, "Sn150kV_B", high)].flatMap { offset, voltage, name, uid in
                Sample.series(number + offset, kilovolts: voltage, description: name).changing {
                    $0.acquisitionNumber = acquisition
                    $0.seriesInstanceUID = uid
                }
            }
        }
        // The identifiers alone would put the first low energy and the second high energy together.
        let all = scan(4, 1, "1.2.3.4", "1.2.3.9") + scan(6, 2, "1.2.3.6", "1.2.3.5")
        for headers in [all, all.reversed()] {
            guard case .grid(let grid) = try StudyAssembler().choose(headers) else { throw Unexpected() }
            #expect(grid.low[0].seriesNumber == 4)
            #expect(grid.high[0].seriesNumber == 5)
        }
    }

    @Test(arguments: [0.0, 130])
    func aReconstructionOfEachHandIsNoPairAcrossHands(depthMm: Double) {
        let other = (Sample.study).changing {
            $0.seriesNumber = ($0.seriesNumber ?? 0) + 2
            $0.seriesInstanceUID = $0.seriesNumber == 6 ? "1.2.3.1" : "1.2.3.0"
            $0.sopInstanceUID += ".1"
            $0.position[0] += 150
            $0.position[1] += depthMm
        }
        #expect(decision(Sample.study + other) == "set aside: severalAcquisitions")
        #expect(decision(other) == "grid")
    }

    @Test func aPartThatWasReconstructedLargerIsStillOneExamination() {
        let part = Sample.study.changing {
            $0.seriesInstanceUID += ".1"
            $0.sopInstanceUID += ".1"
            $0.kernel = "Br64"
            $0.pixelSpacing = [0.2, 0.2]
            $0.position[0] += 40
        }
        #expect(decision(Sample.study + part) == "grid")
    }

    @Test func ofManyMonoenergeticSeriesTheTwoNearestToTheUsualOnesAreTaken() throws {
        let all = [40.0, 55, 70, 75, 100].enumerated().flatMap { index, energy in
            Sample.series(index + 1, kilovolts: 140, description: "Mono").changing { $0.monoenergeticKeV = energy }
        }
        guard case .grid(let grid) = try StudyAssembler().choose(all) else { throw Unexpected() }
        #expect(grid.low[0].monoenergeticKeV == 55)
        #expect(grid.high[0].monoenergeticKeV == 75)
    }

    @Test func aStudyThatIsNotForUsIsLeftAloneEvenWhenItIsBroken() throws {
        let assembler = StudyAssembler(eligibility: { $0.region == .foot })
        for headers in [Sample.study, Sample.low] {
            guard case .leftAlone(let reason) = try assembler.choose(headers) else { throw Unexpected() }
            #expect(reason.code == .notEligible)
        }
    }

    @Test func noReasonTellsWhoThePatientIs() {
        let broken =
            Sample.low
            + Sample.high.changing {
                $0.patientID = "P2"
                $0.patientName = "ROE^RICHARD"
            }
        for reason in reasons(broken) + reasons(Sample.low) {
            for word in ["DOE", "JANE", "ROE", "P1", "P2", "1.2.3", "1960"] {
                #expect(!(reason.message + reason.remedy).contains(word))
            }
        }
    }
}

struct Unexpected: Error {}
