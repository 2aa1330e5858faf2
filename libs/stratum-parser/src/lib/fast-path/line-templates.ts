import type { Buffer } from 'node:buffer';
import { layOut } from './desk';
import type { LikelyTexts, LineTemplate } from './line-template';
import type { Message } from '../message';
import { brokenJobTemplate, templateOf } from './template-making';

/** As many kinds of lines as the miners, or the pools, of one process usually send. */
const REMEMBERED = 32;
/** Learning costs more than parsing does: at worst one line in so many is learned for nothing. */
const MAX_IN_VAIN = 32;

/**
 * The kinds of lines that came last in one direction, of all sessions: nearly every line differs from
 * one that was parsed before in a few values only, and needs not be parsed again.
 */
export class LineTemplates {
  private readonly templates: LineTemplate[] = [];
  private newest: LineTemplate | undefined;
  /** How many that were learned one after the other have not been found since. */
  private inVain = 0;
  private passedOver = 0;

  /** The template that the line `bytes[from..to)` fits, filled with what it says. */
  find(bytes: Buffer, from: number, to: number, likely: LikelyTexts): LineTemplate | undefined {
    const { templates } = this;
    const place = layOut(bytes, from, to);
    for (let rank = 0; rank < templates.length; rank += 1) {
      const template = templates[rank];
      if (template?.fits(bytes, from, to, place, likely) !== true) continue;
      if (rank > 0) this.advance(template, rank);
      return template;
    }
    return undefined;
  }

  /** The same for a line that is no valid JSON, whatever has been learned. */
  findBroken(bytes: Buffer, from: number, to: number, likely: LikelyTexts): LineTemplate | undefined {
    const template = brokenJobTemplate(bytes, from, to);
    return template?.fits(bytes, from, to, layOut(bytes, from, to), likely) === true ? template : undefined;
  }

  /**
   * Remembers a line that was parsed, if others like it can be told from their bytes. A full list
   * loses its last one only: whoever sends lines that never come again pushes out no other's. As long as
   * they come, ever fewer are learned.
   */
  learn(message: Message, bytes: Buffer, from: number, to: number): void {
    this.passedOver += 1;
    if (this.passedOver <= this.inVain) return;
    const template = templateOf(message, bytes, from, to);
    if (template === undefined) return;
    this.passedOver = 0;
    const rank = Math.min(this.templates.length, REMEMBERED - 1);
    const isUnused = this.newest !== undefined && this.templates[rank] === this.newest;
    this.inVain = isUnused ? Math.min(this.inVain + 1, MAX_IN_VAIN) : 0;
    this.templates[rank] = template;
    this.newest = template;
  }

  /** What comes often is soon found early. */
  private advance(template: LineTemplate, rank: number): void {
    const before = this.templates[rank - 1];
    if (before !== undefined) this.templates[rank] = before;
    this.templates[rank - 1] = template;
  }
}
