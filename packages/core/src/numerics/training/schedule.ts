import type { ScheduleSettings } from "./settings.js";

/**
 * What the learning rate is multiplied with in an epoch, counted from 0.
 * `decay`, with x = epoch / epochs and e = `end`: 1 for x ≤ .5, then 1 - (1 - e) (x - .5) / .4 for x ≤ .9, then e (Garipov et al.
 * 2018, arXiv 1802.10026, with e = .01).
 * `restarts`, in epoch i of a cycle of n: e + ½ (1 - e) (1 + cos π i/n) (Loshchilov & Hutter 2017, arXiv 1608.03983).
 */
export function scheduleFactor(schedule: ScheduleSettings, epoch: number, epochs: number): number {
  switch (schedule.kind) {
    case "constant":
      return 1;
    case "step":
      return schedule.factor ** Math.floor(epoch / schedule.every);
    case "multi-step":
      return schedule.factor ** schedule.at.filter((at) => at <= epoch).length;
    case "decay": {
      const x = epoch / epochs;
      if (x <= 0.5) return 1;
      return x <= 0.9 ? 1 - ((1 - schedule.end) * (x - 0.5)) / 0.4 : schedule.end;
    }
    case "restarts": {
      const { first, factor, end, warmUp } = schedule;
      if (epoch < warmUp) return 0.1;
      let [i, n] = [epoch - warmUp, first];
      for (; i >= n; n *= factor) i -= n;
      return end + ((1 - end) * (1 + Math.cos((Math.PI * i) / n))) / 2;
    }
  }
}
