import { defineScenario, LabeledImages } from "@isthmus/core";
import { z } from "zod";
import { groupClasses, groupCount, groupOptions, imagesOf } from "./class-groups.js";

const options = z
  .strictObject(groupOptions)
  .refine(({ order, classesPerTask }) => order === undefined || classesPerTask === undefined, {
    path: ["classesPerTask"],
    message: "`order` says already which classes each task has",
  });

/** Options of the split scenario. */
export type SplitOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ScenarioOptions {
    split: SplitOptions;
  }
}

/**
 * Class-incremental learning: every task brings classes of its own, with all their images (SplitMNIST, SplitCIFAR). Answered
 * among the classes of the task alone, it is task-incremental.
 *
 * @throws `scenario/classes`
 */
export const split = defineScenario({
  name: "split",
  title: "Split classes",
  description: "Every task brings new classes with all their images.",
  paper: {
    title: "van de Ven et al. 2022, Three types of incremental learning",
    url: "https://www.nature.com/articles/s42256-022-00568-3",
  },
  options,
  tasks: groupCount,
  stream: (dataset, settings, rng) =>
    groupClasses(dataset, settings, rng).map((group, index) => {
      const classes = [...group].sort((a, b) => a - b);
      const view = (name: "train" | "test") =>
        new LabeledImages(dataset, name, imagesOf(dataset.splits[name], classes));
      return {
        index,
        name: classes.map((each) => dataset.classNames[each]).join(", "),
        classes,
        train: view("train"),
        test: view("test"),
      };
    }),
});
