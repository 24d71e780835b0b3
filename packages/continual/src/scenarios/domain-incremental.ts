import { defineScenario, IsthmusError, LabeledImages } from "@isthmus/core";
import { z } from "zod";
import { groupClasses, groupCount, groupOptions, imagesOf } from "./class-groups.js";
import { RelabeledImages } from "./relabeled-images.js";

const options = z
  .strictObject(groupOptions)
  .refine(({ order, classesPerTask }) => order === undefined || classesPerTask === undefined, {
    path: ["classesPerTask"],
    message: "`order` says already which classes each task has",
  });

/** Options of the domain-incremental scenario. */
export type DomainIncrementalOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ScenarioOptions {
    "domain-incremental": DomainIncrementalOptions;
  }
}

/**
 * Domain-incremental learning: every task puts the same question to other classes. A label is the place of the class in its task:
 * of the tasks 0, 1 and 2, 3 of digits, 0 and 2 are both the first answer, 1 and 3 the second. A network has as many
 * outputs as a task has classes.
 *
 * @throws `scenario/classes`, also where tasks have unlike numbers of classes
 */
export const domainIncremental = defineScenario({
  name: "domain-incremental",
  title: "Domain-incremental",
  description: "Every task brings new classes, which are told apart by the same few answers.",
  paper: {
    title: "van de Ven et al. 2022, Three types of incremental learning",
    url: "https://www.nature.com/articles/s42256-022-00568-3",
  },
  options,
  tasks: groupCount,
  stream(dataset, settings, rng) {
    const groups = groupClasses(dataset, settings, rng);
    const size = groups[0]?.length as number;
    const other = groups.find((group) => group.length !== size);
    if (other !== undefined) {
      throw new IsthmusError({
        code: "scenario/classes",
        message: `Tasks that ask the same question have equally many classes, not ${size} and ${other.length}.`,
        hint: "Give every task as many classes, or leave some out with `order`.",
      });
    }
    return groups.map((group, index) => {
      const view = (name: "train" | "test") => {
        const images = new LabeledImages(dataset, name, imagesOf(dataset.splits[name], group));
        return new RelabeledImages(images, size, (label) => group.indexOf(label));
      };
      return {
        index,
        name: group.map((each) => dataset.classNames[each]).join(", "),
        classes: group.map((_, place) => place),
        train: view("train"),
        test: view("test"),
      };
    });
  },
});
