/** The commands, in the order of the help. */
import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { atCommand } from './at.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { exampleCommand } from './example.ts';
import { explainCommand } from './explain.ts';
import { importCommand } from './import.ts';
import { infoCommand } from './info.ts';
import { layoutsCommand } from './layouts.ts';
import { recordCommand } from './record.ts';
import { recoverCommand } from './recover.ts';
import { replayCommand } from './replay.ts';
import { verifyCommand } from './verify.ts';

export const COMMANDS: readonly ((terminal: Terminal) => Command)[] = [
  recordCommand,
  importCommand,
  infoCommand,
  recoverCommand,
  replayCommand,
  diffCommand,
  verifyCommand,
  layoutsCommand,
  explainCommand,
  atCommand,
  exampleCommand,
  demoCommand,
];
